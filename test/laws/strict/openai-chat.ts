import type { JsonObject } from '../../../src/ir/json.ts'
import { parseJson, readObject, readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import {
  createSecrets,
  need,
  needUnique,
  pieces,
  type Answer,
  type Asked,
  type Called,
  type Saying,
  type StrictVendor,
} from './vendor.ts'

/** Where a vendor of this protocol shows its thinking, and wants it back. */
export const CHAT_DIALECTS = ['none', 'reasoning_content', 'reasoning', 'details', 'google'] as const
export type ChatDialect = (typeof CHAT_DIALECTS)[number]

const NAME = /^[a-zA-Z0-9_-]{1,64}$/
const KNOWN_ROLES = ['system', 'developer', 'user', 'assistant', 'tool']
const KNOWN_FIELDS: Readonly<Record<ChatDialect, readonly string[]>> = {
  none: [],
  reasoning_content: ['reasoning_content'],
  reasoning: ['reasoning'],
  details: ['reasoning', 'reasoning_details'],
  google: [],
}

/** What kind of vendor it is. */
export interface ChatKind {
  readonly dialect: ChatDialect
  /** Its ids of calls are strange, and the same in every answer. */
  readonly hasPoorIds: boolean
  /** Words of thinking are ignored, whosever they are: a client that sends them in plain would so without a proxy, too. */
  readonly ignoresWords: boolean
}

/**
 * A vendor of Chat Completions. What it did not give away itself it refuses: fields of other dialects, reasoning details
 * that were changed, signatures of others.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @see https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 * @see https://ai.google.dev/gemini-api/docs/openai#thinking
 */
export function createStrictChat(model: string, { dialect, hasPoorIds, ignoresWords }: ChatKind): StrictVendor {
  const secret = createSecrets(`chat ${dialect}`)
  const given = new Set<string>()
  let answers = 0

  const checkReasoning = (message: Fields, seen: Set<string>): void => {
    for (const field of ['reasoning_content', 'reasoning', 'reasoning_details']) {
      const value = message[field]
      if (value === undefined || (ignoresWords && typeof value === 'string')) continue
      need(KNOWN_FIELDS[dialect].includes(field), `Unknown name ${field}`)
      const known = JSON.stringify(value)
      need(given.has(known), `${field} is not as it was: ${known}`)
      seen.add(known)
    }
    for (const { extra_content } of readObjects(message['tool_calls'])) {
      if (extra_content === undefined) continue
      const signature = signatureOf(extra_content)
      need(given.has(signature), `Invalid thought_signature ${signature}`)
      seen.add(signature)
    }
  }
  return {
    protocol: 'openai-chat',
    model,
    check(body) {
      const messages = readObjects(body['messages'])
      need(messages.length > 0, 'messages is empty')
      const seen = new Set<string>()
      let open: readonly string[] = []
      for (const message of messages) {
        open = checkMessage(message, open)
        if (message['role'] === 'assistant') checkReasoning(message, seen)
      }
      need(open.length === 0, `tool_call_ids did not have response messages: ${open.join()}`)
      return { secrets: seen, tools: toolNames(body) }
    },
    answer(saying) {
      answers++
      const id = (index: number): string => (hasPoorIds ? `functions.tool:${index}` : `call_${answers}_${index}`)
      const message = messageFor(saying, dialect, secret, id)
      const secrets = secretsOf(message, dialect)
      for (const name of secrets) given.add(name)
      return answerOf(model, message, secrets)
    },
  }
}

/** @returns ids that are still to be answered. */
function checkMessage(message: Fields, open: readonly string[]): readonly string[] {
  const { role, content, tool_calls, tool_call_id } = message
  need(KNOWN_ROLES.includes(String(role)), `role ${String(role)}`)
  if (role === 'tool') {
    need(open.includes(String(tool_call_id)), 'messages with role tool must follow a message with tool_calls')
    need(typeof content === 'string' || Array.isArray(content), 'tool messages must have content')
    checkParts(content, ['text'])
    return open.filter((id) => id !== tool_call_id)
  }
  need(open.length === 0, `tool_call_ids did not have response messages: ${open.join()}`)
  checkParts(content, role === 'user' ? ['text', 'image_url', 'input_audio', 'file'] : ['text'])
  if (role !== 'assistant') {
    need(content !== null && content !== undefined, `a message of ${String(role)} without content`)
    return []
  }
  const calls = readObjects(tool_calls)
  need(content !== null || calls.length > 0, 'an assistant message needs content or tool_calls')
  for (const { id, function: called } of calls) {
    const { name, arguments: input } = readObject(called) ?? {}
    need(readString(id) !== '', 'tool_calls.id is empty')
    need(NAME.test(String(name)), `tool_calls.function.name ${String(name)}`)
    need(readObject(parseJson(String(input))) !== undefined, `tool_calls.function.arguments ${String(input)}`)
  }
  const ids = calls.map(({ id }) => String(id))
  needUnique(ids, 'tool call id')
  return ids
}

function checkParts(content: unknown, kinds: readonly string[]): void {
  if (typeof content === 'string' || content === null || content === undefined) return
  const parts = readObjects(content)
  need(parts.length > 0, 'content is an empty list')
  for (const { type } of parts) need(kinds.includes(String(type)), `a content part of type ${String(type)}`)
}

function toolNames(body: JsonObject): Asked['tools'] {
  const names = readObjects(body['tools']).map(({ function: tool }) => String(readObject(tool)?.['name']))
  for (const name of names) need(NAME.test(name), `tools.function.name ${name}`)
  needUnique(names, 'tool name')
  return names
}

function signatureOf(extraContent: unknown): string {
  const { google } = readObject(extraContent) ?? {}
  return String(readObject(google)?.['thought_signature'])
}

function messageFor(
  { thoughts, isHidden, text, calls }: Saying,
  dialect: ChatDialect,
  secret: () => string,
  id: (index: number) => string,
): Fields {
  const words = thoughts > 0 && !isHidden ? `Chat thinks ${secret()}.` : undefined
  const wireCalls = calls.map((call, index) => ({
    ...wireCall(id(index), call),
    ...(dialect === 'google' && index === 0 && { extra_content: { google: { thought_signature: secret() } } }),
  }))
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    reasoning_content: dialect === 'reasoning_content' ? words : undefined,
    reasoning: dialect === 'reasoning' || dialect === 'details' ? words : undefined,
    reasoning_details: dialect === 'details' && thoughts > 0 ? detailsFor(thoughts, words, secret) : undefined,
    tool_calls: wireCalls.length > 0 ? wireCalls : undefined,
  }
}

/** Words first, then what is encrypted, as OpenRouter gives the thinking of several vendors. */
function detailsFor(thoughts: number, words: string | undefined, secret: () => string): readonly Fields[] {
  return [
    ...(words === undefined
      ? []
      : [{ type: 'reasoning.summary', summary: words, format: 'openai-responses-v1', index: 0 }]),
    ...Array.from({ length: thoughts }, (_, at) => ({
      type: 'reasoning.encrypted',
      data: secret(),
      id: `rs_${at}`,
      format: 'openai-responses-v1',
      index: at + 1,
    })),
  ]
}

function wireCall(id: string, { name, input }: Called): Fields {
  return { id, type: 'function', function: { name, arguments: input } }
}

/** The message's fields that nobody may change, each as JSON, and its signatures. */
function secretsOf(message: Fields, dialect: ChatDialect): readonly string[] {
  const fields = KNOWN_FIELDS[dialect].flatMap((field) =>
    message[field] === undefined ? [] : [JSON.stringify(message[field])],
  )
  const signatures = readObjects(message['tool_calls']).flatMap(({ extra_content }) =>
    extra_content === undefined ? [] : [signatureOf(extra_content)],
  )
  return [...fields, ...signatures]
}

function answerOf(model: string, message: Fields, secrets: readonly string[]): Answer {
  const finish_reason = message['tool_calls'] ? 'tool_calls' : 'stop'
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  const head = { id: 'chatcmpl-1', created: 1_700_000_000, model }
  const chunk = (delta: Fields, reason: string | null = null): { data: string } => ({
    data: JSON.stringify({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: reason }],
    }),
  })
  const { role, content, reasoning_content, reasoning, reasoning_details, tool_calls } = message
  const said = (field: string, text: unknown): readonly { data: string }[] =>
    typeof text === 'string' ? pieces(text).map((piece) => chunk({ [field]: piece })) : []
  return {
    secrets,
    body: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage },
    frames: [
      chunk({ role, content: '' }),
      ...said('reasoning_content', reasoning_content),
      ...said('reasoning', reasoning),
      ...readObjects(reasoning_details).map((detail) => chunk({ reasoning_details: [detail] })),
      ...said('content', content),
      ...readObjects(tool_calls).map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
      chunk({}, finish_reason),
      { data: JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage }) },
      { data: '[DONE]' },
    ],
  }
}
