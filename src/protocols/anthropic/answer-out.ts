import type { AnswerContext, OnLoss } from '../../ir/codec.ts'
import type { Seal, ToolCallPart } from '../../ir/part.ts'
import type { AnswerPart } from '../../ir/response.ts'
import { isDeeperThan, parseObject, type Fields } from '../../lib/json.ts'
import { wrapSeals } from '../shared/seal.ts'
import { INPUT_DEPTH_MAX, repairJson } from '../shared/repair-json.ts'

/**
 * Thinking blocks for the client. Anthropic's own seals stand as they are; what another vendor thought is marked, so
 * that it is known when it comes back, and carries its seals.
 */
export function reasoningBlocks(text: string, seals: readonly Seal[] = []): readonly Fields[] {
  if (isOwn(text, seals)) {
    return seals.map(({ kind, value }, index) =>
      kind === 'redacted'
        ? { type: 'redacted_thinking', data: value }
        : { type: 'thinking', thinking: index === 0 ? text : '', signature: value },
    )
  }
  if (text !== '') return [{ type: 'thinking', thinking: text, signature: wrapSeals({ seals }) }]
  return seals.length === 0 ? [] : [{ type: 'redacted_thinking', data: wrapSeals({ seals, text: '' }) }]
}

/** Every seal is Anthropic's, and the text has one that is for texts. */
function isOwn(text: string, seals: readonly Seal[]): boolean {
  return (
    seals.length > 0 &&
    seals.every(({ maker }) => maker === 'anthropic') &&
    (text === '' || seals[0]?.kind === 'signature')
  )
}

/** The seals of a part that has no field for them: a block of its own after it, see `blocks-in.ts`. */
export function sealBlocks(seals: readonly Seal[] | undefined): readonly Fields[] {
  return seals === undefined || seals.length === 0 ? [] : [{ type: 'redacted_thinking', data: wrapSeals({ seals }) }]
}

/** Ids for one answer's calls, each in Anthropic's alphabet and given once. */
export function createCallIds(newId: AnswerContext['newId']): (id: string) => string {
  const given = new Set<string>()
  return (id) => {
    const clean = id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
    const wireId = clean === '' || given.has(clean) ? newId('toolu_') : clean
    given.add(wireId)
    return wireId
  }
}

/** A call whose name never came still brings its arguments. */
export function callName(name: string): string {
  return name === '' ? 'unknown' : name
}

/** The blocks of one part of a whole answer. */
export function answerBlocks(
  part: AnswerPart,
  path: string,
  callId: (id: string) => string,
  onLoss: OnLoss,
): readonly Fields[] {
  const { seals, extras } = part
  switch (part.type) {
    case 'text':
      if (part.refusal === true) onLoss({ path, reason: 'refusal-as-text' })
      return [
        ...(part.text === '' ? [] : [{ type: 'text', text: part.text, ...extras?.anthropic }]),
        ...sealBlocks(seals),
      ]
    case 'reasoning':
      return reasoningBlocks(part.text, seals)
    case 'tool-call': {
      const input = callInput(part, () => onLoss({ path: `${path}.input`, reason: 'tool-input' }))
      return [
        { type: 'tool_use', id: callId(part.id), name: callName(part.name), input, ...extras?.anthropic },
        ...sealBlocks(seals),
      ]
    }
    case 'media':
      onLoss({ path, reason: 'answer-media' })
      return sealBlocks(seals)
    case 'opaque':
      if (part.protocol === 'anthropic') return [part.value]
      onLoss({ path, reason: 'foreign-opaque' })
      return []
  }
}

/** An input that was cut short is closed where it broke off; what is no object at all is none. */
function callInput({ kind, input }: ToolCallPart, lose: () => void): Fields {
  if (kind === 'custom') return { input }
  if (input.trim() === '') return {}
  const whole = parseObject(input)
  if (!whole) lose()
  const value = whole ?? parseObject(repairJson(input)) ?? {}
  if (!isDeeperThan(value, INPUT_DEPTH_MAX)) return value
  lose()
  return {}
}
