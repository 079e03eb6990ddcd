import { Fault } from '../ir/fault.ts'
import { parseObject } from '../lib/json.ts'
import type { Tried } from './answer.ts'
import { estimateTokens } from './estimate.ts'
import { crossingFor, upstreamRequest, type Try } from './try.ts'
import { askUpstream, readWhole } from './upstream.ts'

/** Statuses of upstreams that speak the protocol and do not count: most gateways of others. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([404, 405, 501])

/** One account's count of a demand's input tokens; the answer's text is the number. */
export async function countByAccount(one: Try): Promise<Tried> {
  const { demand, lease } = one
  const crossing = crossingFor(one, 'count-tokens')
  if (crossing.provider.countsTokens !== true || crossing.codec.protocol !== demand.codec.protocol)
    return await estimate(one)
  const response = await askUpstream(upstreamRequest(one, crossing))
  if ('fault' in response) return NO_ENDPOINT.has(response.fault.status) ? await estimate(one) : response
  const { input_tokens: counted } = parseObject(await readWhole(response)) ?? {}
  if (typeof counted !== 'number') {
    return { fault: new Fault('upstream', 'The upstream counted tokens, but its answer has no input_tokens.') }
  }
  lease.settle({ type: 'success' })
  return { answer: { type: 'whole', text: String(counted), headers: response.headers } }
}

/** Costs the account nothing. */
async function estimate({ request, lease }: Try): Promise<Tried> {
  lease.settle({ type: 'abandoned' })
  return { answer: { type: 'whole', text: String(await estimateTokens(request())), headers: new Headers() } }
}
