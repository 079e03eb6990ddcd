import { Fault } from '../ir/fault.ts'
import { itemsOf } from '../gateway/history.ts'
import { parseJson, readText } from '../lib/json.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { pathOf, queryOf } from './path.ts'

/** Items of one page, when the client names no number and at most. @see https://platform.openai.com/docs/api-reference/responses/input-items */
const PAGE_ITEMS = 20
const PAGE_ITEMS_MAX = 100

const JSON_TYPE = { headers: { 'content-type': 'application/json' } }

/**
 * What is asked about an answer that was kept: the answer itself, what was said for it, or that it be forgotten.
 *
 * @param root the path up to the id.
 * @see https://platform.openai.com/docs/api-reference/responses/get
 */
export async function serveStored(context: EdgeContext, request: Request, root: string): Promise<Response> {
  try {
    const client = context.guard().check(request)
    const [id = '', part] = pathOf(request.url)
      .slice(root.length + 1)
      .split('/')
    const { responses } = context
    if (request.method === 'DELETE' && part === undefined) {
      if (!(await responses.remove(client, id))) throw unknownResponse(id, responses.isOn())
      return Response.json({ id, object: 'response', deleted: true })
    }
    const kept = await responses.find(client, id)
    if (!kept) throw unknownResponse(id, responses.isOn())
    if (request.method === 'GET' && part === undefined) return new Response(kept.answer, JSON_TYPE)
    if (request.method === 'GET' && part === 'input_items')
      return Response.json(inputPage(id, kept.input, new URLSearchParams(queryOf(request.url))))
    throw new Fault('not-implemented', `${request.method} of '${part ?? ''}' of a stored response is not served here.`)
  } catch (error) {
    return faultResponse(asFault(error), 'openai-responses')
  }
}

/** A page of the input's items, the newest first unless `order=asc`; one without an id gets one of its place. */
function inputPage(id: string, input: string, query: URLSearchParams): object {
  const items = itemsOf(parseJson(input)).map((item, at) => ({ ...item, id: readText(item['id']) ?? `${id}_in_${at}` }))
  const ordered = query.get('order') === 'asc' ? items : items.toReversed()
  const after = ordered.findIndex((item) => item.id === query.get('after')) + 1
  const limit = Math.min(Math.max(Number(query.get('limit') ?? PAGE_ITEMS) || PAGE_ITEMS, 1), PAGE_ITEMS_MAX)
  const data = ordered.slice(after, after + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: after + limit < ordered.length,
  }
}

function unknownResponse(id: string, isOn: boolean): Fault {
  const why = isOn
    ? 'it was not made here with this key, was made with store: false, or is forgotten.'
    : "the proxy keeps none: responses-store is off in the proxy's config."
  return new Fault('not-found', `Response with id '${id}' not found: ${why}`, { code: 'response_not_found' })
}
