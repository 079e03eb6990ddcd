import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Protocol } from '../ir/protocol.ts'
import { parseObject, readNumber } from '../lib/json.ts'
import type { Tried } from './answer.ts'
import { estimateTokens } from './estimate.ts'
import { answering, withSecret } from './secret.ts'
import { countRequest, crossingFor, type Crossing, type Try } from './try.ts'
import { askUpstream, isNoEndpoint, readWhole } from './upstream.ts'

/** One account's count of a demand's input tokens, in the form of the client's protocol. */
export function countByAccount(one: Try): Promise<Tried> {
  return withSecret(one, (secret) => countWith(one, secret))
}

async function countWith(one: Try, secret: string): Promise<Tried> {
  const crossing = crossingFor(one, 'count-tokens', secret)
  const { provider, call, isRelay } = crossing
  const isAsked = isRelay || provider.countsTokens?.(call) === true
  if (!isAsked || provider.neverCounts === true) return await estimate(one)
  const response = await askUpstream(countRequest(one, crossing))
  if ('fault' in response) return canEstimate(response.fault, crossing) ? await estimate(one) : response
  return await answering(one, secret, readCount(one, crossing, response))
}

/** @throws {Fault} see {@link readWhole}; whatever the connection throws. */
async function readCount({ demand, lease }: Try, crossing: Crossing, response: Response): Promise<Tried> {
  const text = await readWhole(response)
  const { input_tokens: input, totalTokens } = parseObject(text) ?? {}
  const tokens = readNumber(input) ?? readNumber(totalTokens)
  if (tokens === undefined)
    return {
      fault: new Fault(
        'upstream',
        'The upstream counted tokens, but its answer has no input_tokens and no totalTokens.',
      ),
    }
  lease.settle({ type: 'success' })
  const { protocol } = demand.codec
  const told = crossing.codec.protocol === protocol ? text : JSON.stringify(countBody(protocol, tokens))
  return { answer: { type: 'whole', text: told, headers: response.headers } }
}

/** What the client did not write itself is nothing to blame it for. */
function canEstimate(fault: Fault, { isRelay }: Crossing): boolean {
  return isNoEndpoint(fault) || (!isRelay && fault.status === 400)
}

/** Costs the account nothing. */
async function estimate({ demand, request, lease }: Try): Promise<Tried> {
  lease.settle({ type: 'abandoned' })
  const text = JSON.stringify(countBody(demand.codec.protocol, await estimateTokens(request())))
  return { answer: { type: 'whole', text, headers: new Headers() } }
}

/**
 * A number of tokens as the protocol tells it; Chat has no endpoint of its own for it.
 *
 * @see https://docs.anthropic.com/en/api/messages-count-tokens
 * @see https://platform.openai.com/docs/api-reference/responses/input-tokens
 * @see https://ai.google.dev/api/tokens
 */
function countBody(protocol: Protocol, tokens: number): JsonObject {
  switch (protocol) {
    case 'anthropic':
      return { input_tokens: tokens }
    case 'openai-chat':
    case 'openai-responses':
      return { object: 'response.input_tokens', input_tokens: tokens }
    case 'gemini':
      return { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] }
  }
}
