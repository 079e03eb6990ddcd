import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import type { JsonObject } from '../../src/ir/json.ts'
import { answerDemo } from '../../src/providers/demo.ts'

/** OpenAI's own client, whose requests the demo answers in place of a server. */
function clientFor(signal = new AbortController().signal): OpenAI {
  const answer = async (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const body: JsonObject = JSON.parse(String(init?.body))
    return answerDemo(body, signal, 0)
  }
  return new OpenAI({ apiKey: 'none', baseURL: 'http://demo.invalid', fetch: answer, maxRetries: 0 })
}

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        unit: { enum: ['celsius', 'fahrenheit'] },
        days: { type: 'integer', minimum: 2 },
        places: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', required: ['lat'], properties: { lat: { type: 'number' } } },
        },
        maybe: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
        optional: { type: 'string' },
      },
      required: ['city', 'unit', 'days', 'places', 'maybe'],
    },
  },
} as const

const CALL = { city: 'demo', unit: 'celsius', days: 2, places: [{ lat: 1 }], maybe: true }

/** What a promise fails with; undefined when it does not. */
async function failureOf(promise: Promise<unknown> | undefined): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  return undefined
}

/** The demo's reasoning is a dialect that OpenAI's types do not know. */
function reasoningOf(message: object): unknown {
  return 'reasoning_content' in message ? message.reasoning_content : undefined
}

async function ask(
  content: string,
  options: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
): Promise<OpenAI.ChatCompletion> {
  return await clientFor().chat.completions.create({ model: 'demo', messages: [{ role: 'user', content }], ...options })
}

describe('A whole answer', () => {
  test('says that it is a demo and what the user said', async () => {
    const { choices, usage, model } = await ask('Hello there')
    expect(choices[0]?.message.content).toBe(
      "This is cliproxy's demo model: it only says back what you say. You said: Hello there",
    )
    expect([choices[0]?.finish_reason, model]).toEqual(['stop', 'demo'])
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
  })

  test('thinks when asked to, in words or by the effort', async () => {
    const told = await ask('Think about it')
    const set = await ask('Hi', { reasoning_effort: 'high' })
    const off = await ask('Hi', { reasoning_effort: 'none' })
    expect([told, set, off].map(({ choices }) => reasoningOf(choices[0]?.message ?? {}) !== undefined)).toEqual([
      true,
      true,
      false,
    ])
    expect(set.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0)
  })

  test('calls the tool that the user names, with arguments of its schema', async () => {
    const { choices } = await ask('please use get_weather now', { tools: [weather] })
    const call = choices[0]?.message.tool_calls?.[0]
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    expect(call?.type === 'function' ? [call.function.name, JSON.parse(call.function.arguments)] : call).toEqual([
      'get_weather',
      CALL,
    ])
  })

  test('calls no tool that is not named, or not allowed', async () => {
    const unnamed = await ask('what is get_weather_now?', { tools: [weather] })
    const barred = await ask('use get_weather', { tools: [weather], tool_choice: 'none' })
    for (const { choices } of [unnamed, barred]) expect(choices[0]?.message.tool_calls).toBeUndefined()
  })

  test('tells what the tool returned', async () => {
    const { choices } = await clientFor().chat.completions.create({
      model: 'demo',
      tools: [weather],
      messages: [
        { role: 'user', content: 'use get_weather' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny, 21 °C' },
      ],
    })
    expect(choices[0]?.message.content).toContain('The tool returned: sunny, 21 °C')
    expect(choices[0]?.finish_reason).toBe('stop')
  })

  test('is given to any body at all', async () => {
    for (const body of [
      {},
      { messages: 7 },
      { messages: [null, { role: 'user', content: [{ type: 'image_url' }] }] },
      { tools: [{}], messages: [] },
    ]) {
      const response = answerDemo(body, new AbortController().signal)
      expect(await response.json()).toHaveProperty('choices.0.message.content')
    }
  })
})

describe('A stream', () => {
  test('says the same as the whole answer, word by word, and its usage when asked', async () => {
    const messages = [{ role: 'user', content: 'Think, then use get_weather' }] as const
    const stream = clientFor().chat.completions.stream({
      model: 'demo',
      messages: [...messages],
      tools: [weather],
      stream_options: { include_usage: true },
    })
    let thought = ''
    let chunks = 0
    stream.on('chunk', ({ choices }) => {
      chunks++
      const reasoning = reasoningOf(choices[0]?.delta ?? {})
      if (typeof reasoning === 'string') thought += reasoning
    })
    const final = await stream.finalChatCompletion()
    const whole = await clientFor().chat.completions.create({
      model: 'demo',
      messages: [...messages],
      tools: [weather],
    })
    expect(chunks).toBeGreaterThan(20)
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content ?? '')
    expect(thought).toBe(String(reasoningOf(whole.choices[0]?.message ?? {})))
    const call = final.choices[0]?.message.tool_calls?.[0]
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual(CALL)
    expect(final.usage).toEqual(whole.usage)
  })

  test('ends with [DONE] and tells no usage unasked', async () => {
    const response = answerDemo(
      { stream: true, messages: [{ role: 'user', content: 'a' }] },
      new AbortController().signal,
      0,
    )
    const text = await response.text()
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(text).not.toContain('prompt_tokens')
  })

  test('stops when the client leaves, before and in the middle', async () => {
    const body = { stream: true, messages: [{ role: 'user', content: 'a long story '.repeat(100) }] }
    const early = new AbortController()
    early.abort(new Error('left'))
    expect(await failureOf(answerDemo(body, early.signal).text())).toEqual(new Error('left'))
    const late = new AbortController()
    const reader = answerDemo(body, late.signal).body?.getReader()
    await reader?.read()
    late.abort(new Error('left'))
    expect(await failureOf(reader?.read())).toEqual(new Error('left'))
    const cancelled = answerDemo(body, new AbortController().signal).body?.getReader()
    await cancelled?.read()
    await cancelled?.cancel()
  })
})
