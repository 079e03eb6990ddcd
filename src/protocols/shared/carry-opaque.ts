import type { OnLoss } from '../../ir/codec.ts'
import type { OpaquePart, Part, Seal } from '../../ir/part.ts'
import type { Protocol } from '../../ir/protocol.ts'
import type { ModelRequest } from '../../ir/request.ts'
import type { AnswerPart, ModelEvent, ModelResponse } from '../../ir/response.ts'
import { parseObject } from '../../lib/json.ts'

/**
 * What a vendor ran itself means nothing to a client of another protocol, but the vendor wants it back with the next
 * turn: such a part crosses as reasoning without words, sealed whole, and stands in its place again when it returns.
 */
const OPAQUE_KIND = 'opaque'

/** A client that sends it back with every turn should not drown in it. */
const OPAQUE_CHARS_MAX = 256 * 1024

/** Turns what the answer's client has no word for into sealed reasoning, event by event. */
export function createOpaqueCarrier(to: Protocol, onLoss: OnLoss): (event: ModelEvent) => ModelEvent {
  /** The seal of the part that is open, when it is one of these. */
  let seal: Seal | undefined
  return (event) => {
    if (event.type === 'part-start' && event.part.type === 'opaque') {
      seal = sealFor(event.part, to)
      if (!seal) return event
      onLoss({ path: `parts.${event.index}`, reason: 'foreign-opaque' })
      return { ...event, part: { type: 'reasoning' } }
    }
    if (!seal || event.type !== 'part-end') return event
    const seals = [seal]
    seal = undefined
    return { type: 'part-end', index: event.index, seals }
  }
}

/** The same for a whole answer. */
export function carryOpaque(response: ModelResponse, to: Protocol, onLoss: OnLoss): ModelResponse {
  if (!response.parts.some((part) => part.type === 'opaque')) return response
  const parts = response.parts.map((part, index): AnswerPart => {
    const seal = part.type === 'opaque' ? sealFor(part, to) : undefined
    if (!seal) return part
    onLoss({ path: `parts.${index}`, reason: 'foreign-opaque' })
    return { type: 'reasoning', text: '', seals: [seal] }
  })
  return { ...response, parts }
}

/** The request with the vendor's own parts in their places again; the very same one when it has none. */
export function restoreOpaque(request: ModelRequest, to: Protocol): ModelRequest {
  if (!request.turns.some(({ parts }) => parts.some((part) => sealedIn(part, to)))) return request
  const turns = request.turns.map((turn) => ({
    ...turn,
    parts: turn.parts.flatMap((part): readonly Part[] => {
      const value = parseObject(sealedIn(part, to)?.value ?? '')
      return value ? [{ type: 'opaque', protocol: to, value }] : [part]
    }),
  }))
  return { ...request, turns }
}

function sealedIn({ type, seals }: Part, maker: Protocol): Seal | undefined {
  return type === 'reasoning' ? seals?.find((seal) => seal.kind === OPAQUE_KIND && seal.maker === maker) : undefined
}

function sealFor({ protocol, value }: OpaquePart, to: Protocol): Seal | undefined {
  if (protocol === to || !isTakenBack(protocol, value)) return undefined
  const json = JSON.stringify(value)
  return json.length > OPAQUE_CHARS_MAX ? undefined : { maker: protocol, kind: OPAQUE_KIND, value: json }
}

/** Items of the Responses API without a secret are only known by ids that the vendor may not have stored. */
function isTakenBack(protocol: Protocol, { encrypted_content }: OpaquePart['value']): boolean {
  return protocol === 'openai-responses' ? typeof encrypted_content === 'string' : protocol !== 'openai-chat'
}
