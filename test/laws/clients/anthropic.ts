import type { Frame } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import { parseObject, readObject, readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import { PIXEL, TOOL_SCHEMA, type Client, type Heard, type ToolAnswer } from './client.ts'

/** `forgets-thinking`: thinking blocks are for show, and never sent again. */
export const ANTHROPIC_STYLES = ['verbatim', 'forgets-thinking'] as const

/** The Anthropic SDKs, Claude Code and their like. */
export function createAnthropicClient(style: (typeof ANTHROPIC_STYLES)[number]): Client {
  const messages: Fields[] = []
  /** Ids of the calls that wait for a result. */
  let open: readonly string[] = []
  const receive = (message: JsonObject): Heard => {
    const content = readObjects(message['content'])
    const kept = style === 'verbatim' ? content : content.filter((block) => !isThinking(block))
    if (kept.length > 0) messages.push({ role: 'assistant', content: kept })
    const calls = content.filter(({ type }) => type === 'tool_use')
    open = calls.map(({ id }) => String(id))
    return {
      text: content.map(({ type, text }) => (type === 'text' ? String(text) : '')).join(''),
      calls: calls.map(({ name, input }) => ({ name: String(name), input })),
    }
  }
  return {
    protocol: 'anthropic',
    keepsSecrets: style === 'verbatim',
    oddTool: `mcp__${'a-very-long-server-name-'.repeat(3)}__look_up`,
    say: (text) => void messages.push({ role: 'user', content: text }),
    answerCalls(results) {
      const content = results.flatMap((result, index) => (result ? [resultBlock(open[index] ?? '', result)] : []))
      if (content.length > 0) messages.push({ role: 'user', content })
    },
    request: ({ model, isStream, isThinking: thinks, tools }) => ({
      model,
      max_tokens: 8192,
      stream: isStream,
      thinking: thinks ? { type: 'enabled', budget_tokens: 2048 } : undefined,
      tools: tools.map((name) => ({ name, input_schema: TOOL_SCHEMA })),
      messages: [...messages],
    }),
    receive,
    receiveStream: (frames) => receive(accumulate(frames)),
  }
}

function isThinking({ type }: Fields): boolean {
  return type === 'thinking' || type === 'redacted_thinking'
}

function resultBlock(tool_use_id: string, { text, hasImage }: ToolAnswer): Fields {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } }
  const content = hasImage ? [...(text === '' ? [] : [{ type: 'text', text }]), image] : text
  return { type: 'tool_result', tool_use_id, content }
}

/** The message, as the SDK's MessageStream puts it together. */
function accumulate(frames: readonly Frame[]): JsonObject {
  let message: JsonObject = {}
  const content: Record<string, unknown>[] = []
  for (const { data } of frames) {
    const { type, message: begun, index, content_block, delta } = parseObject(data) ?? {}
    const block = content[Number(index)]
    if (type === 'message_start') message = readObject(begun) ?? {}
    if (type === 'content_block_start') content[Number(index)] = { ...readObject(content_block), json: '' }
    if (type === 'content_block_stop' && block) closeInput(block)
    if (type === 'content_block_delta' && block) addDelta(block, readObject(delta) ?? {})
  }
  return { ...message, content }
}

function addDelta(block: Record<string, unknown>, { type, text, thinking, signature, partial_json }: Fields): void {
  if (type === 'text_delta') block['text'] = `${String(block['text'])}${String(text)}`
  if (type === 'thinking_delta') block['thinking'] = `${String(block['thinking'])}${String(thinking)}`
  if (type === 'signature_delta') block['signature'] = signature
  if (type === 'input_json_delta') block['json'] = `${String(block['json'])}${String(partial_json)}`
}

function closeInput(block: Record<string, unknown>): void {
  const json = readString(block['json']) ?? ''
  delete block['json']
  if (json !== '') block['input'] = parseObject(json)
}
