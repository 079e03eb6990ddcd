import fc from 'fast-check'
import type { AnswerContext, Codec } from '../../src/ir/codec.ts'
import { collect, replay } from '../../src/ir/collect.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import type { ModelRequest } from '../../src/ir/request.ts'
import { parseJson } from '../../src/lib/json.ts'
import { CODECS } from '../../src/protocols/index.ts'
import { withToolNames } from '../../src/protocols/shared/restore-tools.ts'
import type { Client, Heard, ToolAnswer } from './clients/client.ts'
import { contextFor } from './context.ts'
import { runStage } from './streams.ts'
import type { Answer, Called, Saying, StrictVendor } from './strict/vendor.ts'

/** One request and its answer. */
export interface Step {
  readonly upstream: Protocol
  /** How the upstream is asked, and how the client asks: one may stream where the other does not. */
  readonly isUpstreamStream: boolean
  readonly isClientStream: boolean
  readonly isThinking: boolean
  readonly thoughts: number
  readonly isHidden: boolean
  readonly hasText: boolean
  /** Which tools are called: 0 is the plain one, 1 the one with the odd name. */
  readonly calls: readonly number[]
  /** What the tools answer, as many as there are calls. */
  readonly results: readonly (ToolAnswer | undefined)[]
  /** The user says something beside the results. */
  readonly saysMore: boolean
}

/** Up to so many calls are made at once. */
const CALLS_MAX = 3

/** Conversations whose steps are answered by these upstreams in any order. */
export function stepsOver(upstreams: readonly Protocol[]): fc.Arbitrary<readonly Step[]> {
  const result = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ text: 'It is sunny.', hasImage: false }) },
    { weight: 1, arbitrary: fc.record({ text: fc.constantFrom('', 'A picture.'), hasImage: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
  const step = fc.record({
    upstream: fc.constantFrom(...upstreams),
    isUpstreamStream: fc.boolean(),
    isClientStream: fc.boolean(),
    isThinking: fc.boolean(),
    thoughts: fc.nat(2),
    isHidden: fc.boolean(),
    hasText: fc.boolean(),
    calls: fc.array(fc.nat(1), { maxLength: CALLS_MAX }),
    results: fc.array(result, { minLength: CALLS_MAX, maxLength: CALLS_MAX }),
    saysMore: fc.boolean(),
  })
  return fc.array(step, { minLength: 1, maxLength: 7 })
}

/** What must come back to a vendor, for as long as the tool round is open in which it gave them away. */
type Owed = Map<Protocol, Set<string>>

/**
 * Holds a conversation over the codecs, as the gateway would.
 *
 * @throws {Refusal} a vendor's 400. @throws {Error} when the client did not get what the vendor said, or the vendor not
 * what is its own.
 */
export function converse(
  client: Client,
  vendors: Readonly<Record<Protocol, StrictVendor>>,
  steps: readonly Step[],
): void {
  const owed: Owed = new Map()
  let count = 0
  let ids = 0
  const newId = (prefix: string): string => `${prefix}${String(++ids).padStart(24, '0')}`
  client.say('Hello!')
  for (const [at, step] of steps.entries()) {
    const vendor = vendors[step.upstream]
    const { request, upstreamBody } = askVendor(client, vendor, step)
    const { secrets, tools } = vendor.check(upstreamBody)
    const lost = [...(owed.get(vendor.protocol) ?? [])].filter((secret) => !secrets.has(secret))
    if (client.keepsSecrets && lost.length > 0)
      throw new Error(`step ${at}: ${vendor.protocol} misses ${lost.length} of its own secrets: ${lost.join(' | ')}`)
    const saying = sayingFor(step, tools, () => ++count)
    const answer = vendor.answer(saying)
    const heard = deliver(client, withToolNames(CODECS[vendor.protocol], request), answer, step, newId)
    checkHeard(heard, saying, tools, toolsOf(client), at)
    owed.set(vendor.protocol, new Set([...(owed.get(vendor.protocol) ?? []), ...answer.secrets]))
    const results = step.results.slice(0, saying.calls.length)
    const isAnswered = results.some((result) => result !== undefined)
    client.answerCalls(results)
    if (isAnswered && !step.saysMore) continue
    client.say('Go on.')
    owed.clear()
  }
}

function toolsOf({ oddTool }: Client): readonly string[] {
  return ['look_up', oddTool]
}

function askVendor(
  client: Client,
  vendor: StrictVendor,
  { isClientStream, isUpstreamStream, isThinking }: Step,
): { readonly request: ModelRequest; readonly upstreamBody: JsonObject } {
  const wish = { model: 'any', isStream: isClientStream, isThinking, tools: toolsOf(client) }
  const decoded = CODECS[client.protocol].decodeRequest(wired(client.request(wish)))
  const request = { ...decoded, model: vendor.model, stream: isUpstreamStream }
  return { request, upstreamBody: wired(CODECS[vendor.protocol].encodeRequest(request, () => {})) }
}

function sayingFor({ thoughts, isHidden, hasText, calls }: Step, tools: readonly string[], next: () => number): Saying {
  return {
    thoughts,
    isHidden,
    text: hasText || calls.length === 0 ? `Answer ${next()}, said "aloud".` : '',
    calls: calls.map((tool): Called => ({
      name: tools[tool] ?? '',
      input: JSON.stringify({ number: next(), place: 'Zürich' }),
    })),
  }
}

function deliver(
  client: Client,
  upstream: Codec,
  { body, frames }: Answer,
  step: Step,
  newId: AnswerContext['newId'],
): Heard {
  const codec = CODECS[client.protocol]
  const own = { ...contextFor('any', []), newId }
  if (step.isClientStream) {
    const events = step.isUpstreamStream
      ? runStage(upstream.streamDecoder(), frames)
      : replay(upstream.decodeResponse(wired(body)))
    return client.receiveStream(runStage(codec.streamEncoder(own), events))
  }
  const response = step.isUpstreamStream
    ? collect(runStage(upstream.streamDecoder(), frames))
    : upstream.decodeResponse(wired(body))
  return client.receive(wired(codec.encodeResponse(response, own)))
}

/** @throws {Error} when the client understood something else than the vendor said. */
function checkHeard(
  heard: Heard,
  { text, calls }: Saying,
  wireNames: readonly string[],
  names: readonly string[],
  at: number,
): void {
  const said: Heard = {
    text,
    calls: calls.map(({ name, input }) => ({ name: names[wireNames.indexOf(name)] ?? '', input: parseJson(input) })),
  }
  if (!Bun.deepEquals(heard, said))
    throw new Error(`step ${at}: said ${JSON.stringify(said)} but heard ${JSON.stringify(heard)}`)
}

function wired(body: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(body))
}
