import type { Frame } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import {
  parseJson,
  parseObject,
  readNumber,
  readObject,
  readObjects,
  readString,
  type Fields,
} from '../../../src/lib/json.ts'
import { TOOL_SCHEMA, type Client, type Heard } from './client.ts'

/**
 * `verbatim`: the message goes back as it came. `bare`: content and calls alone, in the fields that OpenAI documents.
 * `reasoning`: these and the words of the thinking. `extras`: these and whatever stands in a call.
 */
export const CHAT_STYLES = ['verbatim', 'bare', 'reasoning', 'extras'] as const
type ChatStyle = (typeof CHAT_STYLES)[number]

/** The OpenAI SDKs and the many agents that speak Chat Completions. */
export function createChatClient(style: ChatStyle): Client {
  const messages: Fields[] = [{ role: 'system', content: 'You help.' }]
  /** Ids of the calls that wait for a result. */
  let open: readonly string[] = []
  const receive = (body: JsonObject): Heard => {
    const [choice] = readObjects(body['choices'])
    const message = readObject(choice?.['message']) ?? {}
    messages.push(keptOf(message, style))
    const calls = readObjects(message['tool_calls'])
    open = calls.map(({ id }) => String(id))
    return {
      text: readString(message['content']) ?? '',
      calls: calls.map(({ function: called }) => {
        const { name, arguments: input } = readObject(called) ?? {}
        return { name: String(name), input: parseJson(String(input)) }
      }),
    }
  }
  return {
    protocol: 'openai-chat',
    keepsSecrets: style === 'verbatim',
    oddTool: '9-lives',
    say: (text) => void messages.push({ role: 'user', content: text }),
    answerCalls(results) {
      for (const [index, result] of results.entries())
        if (result) messages.push({ role: 'tool', tool_call_id: open[index], content: result.text })
    },
    request: ({ model, isStream, isThinking, tools }) => ({
      model,
      stream: isStream,
      stream_options: isStream ? { include_usage: true } : undefined,
      reasoning_effort: isThinking ? 'high' : undefined,
      tools: tools.map((name) => ({ type: 'function', function: { name, parameters: TOOL_SCHEMA } })),
      messages: [...messages],
    }),
    receive,
    receiveStream: (frames) => receive(accumulate(frames)),
  }
}

function keptOf(message: Fields, style: ChatStyle): Fields {
  if (style === 'verbatim') return message
  const { content, tool_calls, reasoning_content, reasoning } = message
  const calls = readObjects(tool_calls)
  const bare = calls.map(({ id, type, function: called }) => ({ id, type, function: called }))
  const thinking = style === 'reasoning' ? { reasoning_content, reasoning } : {}
  const kept = style === 'extras' ? calls : bare
  return { role: 'assistant', content, ...thinking, tool_calls: kept.length > 0 ? kept : undefined }
}

/** The completion, as the SDKs put it together: texts are joined, lists of details appended, calls told by their index. */
function accumulate(frames: readonly Frame[]): JsonObject {
  const message: Record<string, unknown> = { role: 'assistant', content: null }
  const calls: Record<string, unknown>[] = []
  const details: Fields[] = []
  for (const { data } of frames) {
    const [choice] = readObjects(parseObject(data)?.['choices'])
    const delta = readObject(choice?.['delta']) ?? {}
    for (const field of ['content', 'reasoning_content', 'reasoning', 'refusal']) {
      const text = readString(delta[field])
      if (text !== undefined) message[field] = (readString(message[field]) ?? '') + text
    }
    details.push(...readObjects(delta['reasoning_details']))
    for (const call of readObjects(delta['tool_calls'])) addCall(calls, call)
  }
  return {
    choices: [
      {
        message: {
          ...message,
          reasoning_details: details.length > 0 ? details : undefined,
          tool_calls: calls.length > 0 ? calls : undefined,
        },
      },
    ],
  }
}

function addCall(calls: Record<string, unknown>[], { index, function: called, ...fields }: Fields): void {
  const at = readNumber(index) ?? 0
  const call = (calls[at] ??= {})
  const { name, arguments: before } = readObject(call['function']) ?? {}
  const { name: added, arguments: more } = readObject(called) ?? {}
  Object.assign(call, fields, {
    function: { name: name ?? added, arguments: (readString(before) ?? '') + (readString(more) ?? '') },
  })
}
