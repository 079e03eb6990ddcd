import { Fault } from '../ir/fault.ts'
import type { Part } from '../ir/part.ts'
import type { ModelRequest, Turn } from '../ir/request.ts'
import type { ModelResponse } from '../ir/response.ts'
import { COMPACTION_TRIGGER } from '../protocols/openai-responses/compaction.ts'
import type { Failure } from './answer.ts'
import { collectStream, decodeWhole } from './translate.ts'
import { answering } from './secret.ts'
import { crossingFor, upstreamRequest, type Crossing, type Try } from './try.ts'
import { askUpstream, isEventStream, readWhole } from './upstream.ts'

/** What a model left of a conversation. */
export interface Summary {
  readonly text: string
  readonly response: ModelResponse
  /** The upstream's own headers. */
  readonly headers: Headers
}

const INSTRUCTION = `The conversation up to here will be removed, and only your next message stays. Write down what is needed to go on without it:
what the user wants and what they decided; what was done and found, with the exact names, paths, commands and numbers;
what failed and why; what is still open, and the next step.
Answer with this summary alone. Call no tool.`

/**
 * Asks the model for a summary of the request's conversation. The request stays as it is but for its last words, so
 * that a vendor finds its beginning in its cache, and takes what it says of calls.
 *
 * @throws {Fault} as {@link upstreamRequest}.
 */
export async function summarize(one: Try, secret: string): Promise<Summary | Failure> {
  const request = summaryRequest(one.request())
  const asked: Try = { ...one, demand: { ...one.demand, stream: false }, request: () => request }
  const crossing = { ...crossingFor(asked, 'generate', secret), isRelay: false }
  one.trace.path = 'translate'
  const response = await askUpstream(upstreamRequest(asked, crossing))
  if ('fault' in response) return response
  return await answering(one, secret, readSummary(asked, crossing, response))
}

/** @throws {Fault} when the answer is a fault after all, or empty; whatever the connection throws. */
async function readSummary({ trace }: Try, { codec }: Crossing, response: Response): Promise<Summary> {
  const answer = isEventStream(response)
    ? await collectStream(response, codec)
    : decodeWhole(await readWhole(response), codec)
  const text = answer.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  if (text.trim() === '') throw new Fault('upstream', 'The model was asked for a summary and gave none.')
  trace.usage = answer.usage
  return { text, response: answer, headers: response.headers }
}

/** True when the request's last words ask for a compaction in place of an answer. */
export function asksToCompact({ demand, request }: Try): boolean {
  if (demand.codec.protocol !== 'openai-responses' || !demand.text.includes(COMPACTION_TRIGGER)) return false
  return request().turns.at(-1)?.parts.some(isTrigger) === true
}

function summaryRequest(request: ModelRequest): ModelRequest {
  const { tools, turns } = request
  return {
    ...request,
    stream: false,
    turns: [...turns.flatMap(withoutTrigger), { role: 'user', parts: [{ type: 'text', text: INSTRUCTION }] }],
    toolChoice: tools.length > 0 ? { mode: 'none' } : undefined,
    format: undefined,
    sampling: { ...request.sampling, maxTokens: undefined },
    bound: undefined,
  }
}

function withoutTrigger(turn: Turn): readonly Turn[] {
  if (!turn.parts.some(isTrigger)) return [turn]
  const parts = turn.parts.filter((part) => !isTrigger(part))
  return parts.length > 0 ? [{ ...turn, parts }] : []
}

function isTrigger(part: Part): boolean {
  return part.type === 'opaque' && part.value['type'] === COMPACTION_TRIGGER
}
