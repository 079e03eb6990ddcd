import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { ModelResponse } from '../ir/response.ts'
import { isObject, parseObject, readText } from '../lib/json.ts'
import { writeSummary } from '../protocols/openai-responses/compaction.ts'
import { readUsage, writeUsage } from '../protocols/openai-responses/usage.ts'
import { hasSeals } from '../protocols/shared/seal.ts'
import { providerFor } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { Tried } from './answer.ts'
import { withFields, type Demand } from './demand.ts'
import { itemsOf } from './history.ts'
import { answering, withSecret } from './secret.ts'
import { summarize } from './summary.ts'
import { streamOf } from './translate.ts'
import { crossingFor, upstreamRequest, type Try } from './try.ts'
import { askUpstream, isNoEndpoint, readWhole } from './upstream.ts'

/** Characters of the user's own words that stay beside a summary. */
const KEPT_CHARS_MAX = 64 * 1024

/** The demand without what a compaction knows not of. @throws {Fault} invalid-request when it is to be streamed. */
export function compactionOf(demand: Demand): Demand {
  if (demand.stream)
    throw new Fault('invalid-request', 'Streaming not supported for compact responses: leave stream out.', {
      param: 'stream',
    })
  return demand.fields['stream'] === undefined ? demand : withFields(demand, { stream: undefined })
}

/** One account's compaction of a conversation: the vendor's own where it has one, else a summary by the model. */
export function compactByAccount(one: Try): Promise<Tried> {
  return withSecret(one, async (secret) => {
    const { demand, lease } = one
    const provider = providerFor(lease.candidate.account, demand.codec.protocol)
    const native = provider.compactUrl && (await compactAtVendor(one, provider, secret))
    if (native && !('fault' in native && isNoEndpoint(native.fault))) return native
    return await compactBySummary(one, secret)
  })
}

async function compactAtVendor(one: Try, provider: Provider, secret: string): Promise<Tried> {
  const { demand, trace } = one
  const crossing = crossingFor(one, 'generate', secret)
  const isRelay = !hasSeals(demand.text)
  trace.path = isRelay ? 'relay' : 'translate'
  const response = await askUpstream(
    upstreamRequest(one, {
      ...crossing,
      // The other quirks are for answers, and the envelope too.
      provider: {
        ...provider,
        url: (call) => provider.compactUrl?.(call) ?? provider.url(call),
        quirks: provider.compactQuirks ?? [],
        wrap: undefined,
      },
      call: { ...crossing.call, stream: false },
      isRelay,
    }),
  )
  if ('fault' in response) return response
  return await answering(one, secret, readCompaction(one, response))
}

/** @throws {Fault} see {@link readWhole}; whatever the connection throws. */
async function readCompaction({ trace, lease }: Try, response: Response): Promise<Tried> {
  const text = await readWhole(response)
  const { output, usage } = parseObject(text) ?? {}
  if (!Array.isArray(output))
    return { fault: new Fault('upstream', 'The upstream answered 200 with a body that is no compaction.') }
  trace.usage = readUsage(usage)
  lease.settle({ type: 'success' })
  return { answer: { type: 'whole', text, headers: response.headers } }
}

/** @throws {Fault} as {@link summarize}. */
async function compactBySummary(one: Try, secret: string): Promise<Tried> {
  const { context, lease, demand } = one
  const summary = await summarize(one, secret)
  if ('fault' in summary) return summary
  lease.settle({ type: 'success' })
  const body: JsonObject = {
    id: context.newId('resp_'),
    object: 'response.compaction',
    created_at: context.createdAt,
    output: [...userItems(demand.whole()['input'], context.newId), writeSummary(summary.text, context.newId('cmp_'))],
    usage: writeUsage(summary.response.usage),
  }
  return { answer: { type: 'whole', text: JSON.stringify(body), headers: summary.headers } }
}

/**
 * The one item that is wanted of a model when its conversation has become too long, from a vendor that knows no such
 * thing: a summary.
 *
 * @throws {Fault} as {@link summarize}.
 */
export async function answerWithCompaction(one: Try, secret: string): Promise<Tried> {
  const { demand, lease, context, encoder } = one
  const summary = await summarize(one, secret)
  if ('fault' in summary) return summary
  lease.settle({ type: 'success' })
  const value = writeSummary(summary.text, context.newId('cmp_'))
  const { usage, model } = summary.response
  const response: ModelResponse = {
    model,
    parts: [{ type: 'opaque', protocol: 'openai-responses', value }],
    finish: { reason: 'stop' },
    usage,
  }
  if (demand.stream) return { answer: streamOf(response, encoder(), summary.headers) }
  const text = JSON.stringify(demand.codec.encodeResponse(response, context))
  return { answer: { type: 'whole', text, headers: summary.headers } }
}

/** What the user said last, in their own words. @see https://developers.openai.com/docs/guides/compaction */
function userItems(input: unknown, newId: (prefix: string) => string): readonly JsonObject[] {
  const kept: JsonObject[] = []
  let chars = 0
  for (const { role, id, content } of itemsOf(input).toReversed()) {
    if (role !== 'user') continue
    chars += JSON.stringify(content ?? '').length
    if (chars > KEPT_CHARS_MAX) break
    const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : content
    if (Array.isArray(parts) && parts.every(isObject))
      kept.unshift({ type: 'message', id: readText(id) ?? newId('msg_'), role, status: 'completed', content: parts })
  }
  return kept
}
