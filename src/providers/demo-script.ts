import {
  isObject,
  readArray,
  readBoolean,
  readObject,
  readObjects,
  readString,
  readText,
  type Fields,
} from '../lib/json.ts'

/** What the demo reads of a Chat Completions request. */
export interface DemoRequest {
  readonly model: string
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly userText: string
  /** What a tool returned, when that is the last thing in the conversation. */
  readonly toolResult: string | undefined
  readonly tools: readonly DemoTool[]
  readonly wantsThought: boolean
  /** Messages of the conversation, and the characters of their texts. */
  readonly turns: number
  readonly characters: number
}

interface DemoTool {
  readonly name: string
  readonly schema: Fields
}

/** What the demo is going to say. */
export interface DemoAnswer {
  readonly thought: string
  readonly text: string
  readonly call: { readonly id: string; readonly name: string; readonly arguments: string } | undefined
}

export function readDemoRequest(body: Fields): DemoRequest {
  const {
    model,
    stream,
    stream_options: options,
    messages,
    tools,
    tool_choice: choice,
    reasoning_effort: effort,
  } = body
  const turns = readObjects(messages)
  const last = turns.at(-1)
  const { include_usage: includeUsage } = readObject(options) ?? {}
  const user = turns.findLast(({ role }) => role === 'user')
  const userText = contentText(user?.['content'])
  return {
    model: readText(model) ?? 'demo',
    stream: readBoolean(stream) ?? false,
    includeUsage: readBoolean(includeUsage) ?? false,
    userText,
    toolResult: last?.['role'] === 'tool' ? contentText(last['content']) : undefined,
    tools: choice === 'none' ? [] : readTools(tools),
    wantsThought: THINK.test(userText) || (readText(effort) !== undefined && effort !== 'none'),
    turns: turns.length,
    characters: turns.reduce((sum, { content }) => sum + contentText(content).length, 0),
  }
}

const THINK = /\bthink/i

function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return readObjects(content)
    .map(({ text }) => readString(text) ?? '')
    .join('')
}

function readTools(tools: unknown): readonly DemoTool[] {
  return readObjects(tools).flatMap((tool) => {
    const { name, parameters } = readObject(tool['function']) ?? {}
    const known = readText(name)
    return known === undefined ? [] : [{ name: known, schema: readObject(parameters) ?? {} }]
  })
}

/** The same request always gets the same answer. */
export function scriptAnswer({ userText, toolResult, tools, turns, wantsThought }: DemoRequest): DemoAnswer {
  const thought = wantsThought
    ? `The user said ${userText.length} characters to a demo. I have no thoughts of my own, so I say them back.`
    : ''
  if (toolResult !== undefined) {
    return { thought, text: `This is cliproxy's demo model. The tool returned: ${toolResult}`, call: undefined }
  }
  const named = tools
    .filter(({ name }) => saysName(userText, name))
    .toSorted((a, b) => b.name.length - a.name.length)[0]
  if (named) {
    const call = { id: `call_demo_${turns}`, name: named.name, arguments: JSON.stringify(exampleFor(named.schema, 0)) }
    return { thought, text: `This is cliproxy's demo model. I call ${named.name}.`, call }
  }
  return {
    thought,
    text: `This is cliproxy's demo model: it only says back what you say. You said: ${userText}`,
    call: undefined,
  }
}

function saysName(text: string, name: string): boolean {
  const at = text.toLowerCase().indexOf(name.toLowerCase())
  if (at < 0) return false
  return !isWord(text[at - 1]) && !isWord(text[at + name.length])
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character)
}

const SCHEMA_DEPTH_MAX = 8

/** A value that a JSON Schema allows: the first choice where it gives some, else the plainest of its type. */
function exampleFor(schema: Fields, depth: number): unknown {
  const { const: constant, enum: choices, default: preset, examples, anyOf, oneOf, type } = schema
  if (constant !== undefined) return constant
  for (const value of [preset, readArray(choices)[0], readArray(examples)[0]]) if (value !== undefined) return value
  const option = readObjects(anyOf)[0] ?? readObjects(oneOf)[0]
  if (option && depth < SCHEMA_DEPTH_MAX) return exampleFor(option, depth + 1)
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return 'demo'
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1
    case 'boolean':
      return true
    case 'array':
      return exampleItems(schema, depth)
    case 'null':
      return null
    default:
      return depth === 0 || type === 'object' ? exampleObject(schema, depth) : 'demo'
  }
}

function exampleItems({ items, minItems }: Fields, depth: number): unknown[] {
  if (depth >= SCHEMA_DEPTH_MAX || typeof minItems !== 'number' || minItems < 1) return []
  return Array.from({ length: Math.min(minItems, 4) }, () => exampleFor(readObject(items) ?? {}, depth + 1))
}

function exampleObject({ properties, required }: Fields, depth: number): Record<string, unknown> {
  const example: Record<string, unknown> = {}
  if (depth >= SCHEMA_DEPTH_MAX || !isObject(properties)) return example
  for (const name of readArray(required)) {
    if (typeof name === 'string') example[name] = exampleFor(readObject(properties[name]) ?? {}, depth + 1)
  }
  return example
}

/** @see https://platform.openai.com/docs/api-reference/chat/object */
export function wholeAnswer(request: DemoRequest, answer: DemoAnswer): Fields {
  const { thought, text, call } = answer
  const message = {
    role: 'assistant',
    content: text,
    reasoning_content: thought === '' ? undefined : thought,
    tool_calls: call && [wireCall(call)],
  }
  const choice = { index: 0, message, finish_reason: call ? 'tool_calls' : 'stop' }
  return { ...head(request, 'chat.completion'), choices: [choice], usage: usageOf(request, answer) }
}

/** @see https://platform.openai.com/docs/api-reference/chat/streaming */
export function* answerChunks(request: DemoRequest, answer: DemoAnswer): Generator<Fields, undefined> {
  const { thought, text, call } = answer
  const base = head(request, 'chat.completion.chunk')
  const chunk = (delta: Fields, finish: string | null = null): Fields => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  yield chunk({ role: 'assistant', content: '' })
  for (const word of words(thought)) yield chunk({ reasoning_content: word })
  for (const word of words(text)) yield chunk({ content: word })
  if (call) {
    yield chunk({ tool_calls: [{ index: 0, ...wireCall({ ...call, arguments: '' }) }] })
    for (const word of words(call.arguments)) yield chunk({ tool_calls: [{ index: 0, function: { arguments: word } }] })
  }
  yield chunk({}, call ? 'tool_calls' : 'stop')
  if (request.includeUsage) yield { ...base, choices: [], usage: usageOf(request, answer) }
  return undefined
}

/** The words with the white space before them: joined, they are the text again. */
function words(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}

function wireCall(call: { readonly id: string; readonly name: string; readonly arguments: string }): Fields {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }
}

function head({ model, turns }: DemoRequest, object: string): Fields {
  return { id: `chatcmpl-demo-${turns}`, object, created: Math.floor(Date.now() / 1000), model }
}

/** Four characters count as one token, as they roughly do in English. */
function usageOf({ characters }: DemoRequest, { thought, text, call }: DemoAnswer): Fields {
  const prompt = Math.ceil(characters / 4) + 1
  const reasoning = Math.ceil(thought.length / 4)
  const completion = reasoning + Math.ceil((text.length + (call?.arguments.length ?? 0)) / 4)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
}
