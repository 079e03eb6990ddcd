import type { Frame } from '../../../src/ir/codec.ts'
import { parseJson, parseObject, readObject, readObjects, type Fields } from '../../../src/lib/json.ts'
import { PIXEL, TOOL_SCHEMA, type Client, type Heard, type ToolAnswer } from './client.ts'

/**
 * `verbatim`: the output goes back as it came. `codex`: items are taken as each is done, and go back without ids.
 * `forgets-reasoning`: the same without reasoning items.
 */
export const RESPONSES_STYLES = ['verbatim', 'codex', 'forgets-reasoning'] as const

/** The OpenAI SDKs, Codex and their like, without state at the vendor. */
export function createResponsesClient(style: (typeof RESPONSES_STYLES)[number]): Client {
  const input: Fields[] = []
  /** Ids of the calls that wait for a result. */
  let open: readonly string[] = []
  const keep = (items: readonly Fields[]): Heard => {
    for (const item of items) {
      const { id: _id, ...rest } = item
      if (style === 'verbatim') input.push(item)
      else if (style === 'codex' || item['type'] !== 'reasoning') input.push(rest)
    }
    const calls = items.filter(({ type }) => type === 'function_call')
    open = calls.map(({ call_id }) => String(call_id))
    const parts = items.flatMap(({ type, content }) => (type === 'message' ? readObjects(content) : []))
    return {
      text: parts.map(({ text }) => String(text)).join(''),
      calls: calls.map(({ name, arguments: args }) => ({ name: String(name), input: parseJson(String(args)) })),
    }
  }
  return {
    protocol: 'openai-responses',
    keepsSecrets: style !== 'forgets-reasoning',
    oddTool: '0_dash-and_',
    say: (text) => void input.push({ role: 'user', content: [{ type: 'input_text', text }] }),
    answerCalls(results) {
      for (const [index, result] of results.entries())
        if (result) input.push({ type: 'function_call_output', call_id: open[index], output: outputOf(result) })
    },
    request: ({ model, isStream, isThinking, tools }) => ({
      model,
      stream: isStream,
      instructions: 'You help.',
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: isThinking ? { effort: 'high', summary: 'auto' } : undefined,
      tools: tools.map((name) => ({ type: 'function', name, parameters: TOOL_SCHEMA, strict: false })),
      input: [...input],
    }),
    receive: (body) => keep(readObjects(body['output'])),
    receiveStream: (frames) => keep(outputFrom(frames, style === 'verbatim')),
  }
}

function outputOf({ text, hasImage }: ToolAnswer): unknown {
  if (!hasImage) return text
  const image = { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}` }
  return text === '' ? [image] : [{ type: 'input_text', text }, image]
}

/** The output of the whole response at the end, or the items as they were done. */
function outputFrom(frames: readonly Frame[], isWhole: boolean): readonly Fields[] {
  const events = frames.map(({ data }) => parseObject(data) ?? {})
  const { response } = events.find(({ type }) => type === 'response.completed') ?? {}
  if (isWhole) return readObjects(readObject(response)?.['output'])
  return events.flatMap(({ type, item }) => {
    const done = type === 'response.output_item.done' ? readObject(item) : undefined
    return done ? [done] : []
  })
}
