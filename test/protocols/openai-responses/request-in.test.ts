import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../../src/ir/json.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts'
import { wrapSeals } from '../../../src/protocols/shared/seal.ts'
import { decodeInput, encode, faultOf } from './requests.ts'

const HI = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }
const CALL = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' }
const RESULT = { type: 'function_call_output', call_id: 'c1', output: 'one' }
const FOREIGN_SEAL = { maker: 'gemini', kind: 'thought-signature', value: 'sig' } as const

describe('a request that is none', () => {
  test.each([
    [{ model: undefined, input: 'x' }, 'model: must be the name of a model, not missing.'],
    [{ input: undefined }, 'input: is missing: give a string or a list of items.'],
    [
      { input: undefined, messages: [HI] },
      'input: is missing; this is a body for /v1/chat/completions (it has messages). Give input here.',
    ],
    [{ input: 5 }, 'input: must be a string or a list of items, not a number.'],
    [{ input: [5] }, 'input.0: must be an object, not a number.'],
    [
      { input: [{ role: 'robot', content: 'x' }] },
      "input.0.role: must be user, assistant, system or developer, not 'robot'.",
    ],
    [{ input: [{ role: 'user' }] }, 'input.0.content: must be a string or a list of content parts, not missing.'],
    [
      { input: [{ role: 'user', content: [{}] }] },
      "input.0.content.0.type: must be a string such as 'input_text', not missing.",
    ],
    [
      { input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
      'input.0.content.0.text: must be a string, not missing.',
    ],
    [
      { input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'input.0.content.0.image_url: must be a URL, not missing.',
    ],
    [
      { input: [{ role: 'user', content: [{ type: 'input_file' }] }] },
      'input.0.content.0: must have file_data (a data URL), file_url or file_id.',
    ],
    [{ input: [{ type: 'function_call', call_id: 'c' }] }, "input.0.name: must be the tool's name, not missing."],
    [{ input: [{ type: 'function_call_output' }] }, 'input.0.call_id: must be the id of a call, not missing.'],
    [{ input: [{ type: 5 }] }, 'input.0.type: must be a string, not a number.'],
    [{ tools: [{ type: 'function' }] }, "tools.0.name: must be the tool's name, not missing."],
    [{ tools: [{ type: 'namespace' }] }, "tools.0.name: must be the namespace's name, not missing."],
    [{ tools: {} }, 'tools: must be a list, not an object.'],
    [{ text: { format: { type: 'json_schema' } } }, 'text.format.schema: must be an object, not missing.'],
    [{ temperature: 'hot' }, 'temperature: must be a number, not a string.'],
    [{ stream: 'yes' }, 'stream: must be true or false, not a string.'],
  ])('is refused by its path: %j', (fields, message) => {
    const fault = faultOf(() => openaiResponses.decodeRequest({ model: 'm', input: 'hi', ...fields }))
    expect(fault.kind).toBe('invalid-request')
    expect(fault.message).toBe(message)
    expect(fault.param).toBe(message.slice(0, message.indexOf(':')))
  })
})

describe('what only the vendor keeps', () => {
  test.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id', 'previous_response_not_found'],
    [{ conversation: { id: 'conv_1' } }, 'conversation', 'conversation_not_found'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt', 'prompt_not_found'],
    [{ input: [HI, { type: 'item_reference', id: 'msg_1' }] }, 'input', 'item_not_found'],
    [{ input: [HI, { id: 'msg_1' }] }, 'input', 'item_not_found'],
    [{ input: [HI, { type: 'compaction_trigger' }] }, 'input', 'unsupported_value'],
  ])('goes to it as it is, and is refused for all others: %j', (fields, param, code) => {
    const body: JsonObject = { model: 'm', input: [RESULT], ...fields }
    const request = openaiResponses.decodeRequest(body)
    expect(encode(request)).toMatchObject({ body: fields, losses: [] })
    for (const codec of [openaiChat, anthropic]) {
      const fault = faultOf(() => codec.encodeRequest(request, () => {}))
      expect(fault).toMatchObject({ kind: 'invalid-request', param, code })
      expect(fault.message).toStartWith(`${param}: `)
    }
  })

  test('may be all that is asked', () => {
    const request = openaiResponses.decodeRequest({ model: 'm', previous_response_id: 'resp_1' })
    expect(encode(request).body).toEqual({ model: 'm', previous_response_id: 'resp_1' })
  })
})

describe('the input', () => {
  test('has the instructions and leading messages of the system first', () => {
    const input = [
      { role: 'developer', content: 'a' },
      { role: 'system', content: 'b' },
      HI,
      { role: 'developer', content: 'c' },
    ]
    const request = decodeInput(input, { instructions: 'rules' })
    expect(request.system.map(({ parts }) => parts)).toMatchObject([
      [{ text: 'rules' }],
      [{ text: 'a' }],
      [{ text: 'b' }],
    ])
    expect(request.turns.map(({ role }) => role)).toEqual(['user', 'system'])
    const { body } = encode(request)
    expect(body).toMatchObject({
      instructions: 'rules',
      input: [{ role: 'developer' }, { role: 'system' }, { role: 'user' }, { role: 'developer' }],
    })
  })

  test('joins what the model said in one go, and what tools answered to it', () => {
    const items = [
      HI,
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'e' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'so' }] },
      CALL,
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'free' },
      RESULT,
      { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'two' }] },
      HI,
    ]
    expect(decodeInput(items).turns.map(({ role, parts }) => [role, ...parts.map(({ type }) => type)])).toEqual([
      ['user', 'text'],
      ['assistant', 'reasoning', 'text', 'tool-call', 'tool-call'],
      ['user', 'tool-result', 'tool-result'],
      ['user', 'text'],
    ])
  })

  test.each([
    ['plain', [{ type: 'text', text: 'plain' }]],
    ['', []],
    [null, []],
    [{ rows: [1] }, [{ type: 'text', text: '{"rows":[1]}' }]],
    [[1, 2], [{ type: 'text', text: '[1,2]' }]],
    [
      [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
      ],
      [
        { type: 'text', text: 'see' },
        { type: 'media', kind: 'image', source: { type: 'base64', mime: 'image/png', data: 'AA==' } },
      ],
    ],
  ])('takes every form of a tool’s output: %j', (output, content) => {
    const { turns } = decodeInput([HI, CALL, { ...RESULT, output }])
    expect(turns[2]?.parts[0]).toMatchObject({ type: 'tool-result', callId: 'c1', content })
  })

  test.each([
    [
      { type: 'input_image', image_url: 'https://x/y.png', detail: 'low' },
      { kind: 'image', source: { type: 'url', url: 'https://x/y.png' } },
    ],
    [
      { type: 'input_image', file_id: 'file_1' },
      { kind: 'image', source: { type: 'file', id: 'file_1', maker: 'openai-responses' } },
    ],
    [
      { type: 'image_url', image_url: { url: 'https://x/y.png' } },
      { kind: 'image', source: { type: 'url', url: 'https://x/y.png' } },
    ],
    [
      { type: 'input_file', file_url: 'https://x/y.pdf' },
      { kind: 'document', source: { type: 'url', url: 'https://x/y.pdf' } },
    ],
    [
      { type: 'input_file', file_id: 'file_1' },
      { kind: 'document', source: { type: 'file', id: 'file_1', maker: 'openai-responses' } },
    ],
    [
      { type: 'input_file', filename: 'a.pdf', file_data: 'AA==' },
      { kind: 'document', name: 'a.pdf', source: { type: 'base64', mime: 'application/pdf', data: 'AA==' } },
    ],
    [
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
      { kind: 'audio', source: { type: 'base64', mime: 'audio/mpeg', data: 'AA==' } },
    ],
  ])('takes every form of a medium, and gives its own vendor the same: %j', (part, media) => {
    const request = decodeInput([{ role: 'user', content: [part] }])
    expect(request.turns[0]?.parts[0]).toMatchObject({ type: 'media', ...media })
    expect(encode(request).body['input']).toEqual([{ type: 'message', role: 'user', content: [part] }])
  })

  test('marks where the client wants a cached prompt to end', () => {
    const part = { type: 'input_text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit' } }
    const request = decodeInput([{ role: 'user', content: [part] }])
    expect(request.turns[0]?.parts[0]?.cache).toEqual({})
    expect(encode(request)).toMatchObject({ body: { input: [{ content: [part] }] }, losses: [] })
  })

  test('gives seals back to the part that they stand after', () => {
    const sealed = {
      type: 'reasoning',
      id: 'rs_9',
      summary: [],
      encrypted_content: wrapSeals({ seals: [FOREIGN_SEAL] }),
    }
    const thought = {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: wrapSeals({ seals: [FOREIGN_SEAL], text: 'hm' }),
    }
    const { turns } = decodeInput([HI, thought, CALL, sealed, RESULT])
    expect(turns[1]?.parts).toMatchObject([
      { type: 'reasoning', text: 'hm', seals: [FOREIGN_SEAL] },
      { type: 'tool-call', seals: [FOREIGN_SEAL] },
    ])
  })
})

describe('tools', () => {
  const f = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false }
  const exec = { type: 'custom', name: 'exec', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } }

  test('of a namespace are flattened, and stand in it again for a vendor of this protocol', () => {
    const namespace = { type: 'namespace', name: 'box', description: 'd', tools: [f, exec, { type: 'web_search' }] }
    const request = decodeInput([HI, { ...CALL, namespace: 'box' }, RESULT], { tools: [f, namespace] })
    expect(request.tools).toMatchObject([
      { kind: 'function', name: 'f' },
      { kind: 'function', name: 'f', namespace: 'box' },
      { kind: 'custom', name: 'exec', namespace: 'box' },
    ])
    const { body } = encode(request)
    expect(body['tools']).toEqual([
      f,
      { ...namespace, tools: [f, exec] },
      { ...namespace, tools: [{ type: 'web_search' }] },
    ])
    expect(body['input']).toMatchObject([{}, { type: 'function_call', name: 'f', namespace: 'box' }, {}])
    const chat = openaiChat.encodeRequest({ ...request, model: 'gpt-6' }, () => {})
    expect(chat).toMatchObject({
      tools: [
        { function: { name: 'f' } },
        { function: { name: 'box__f' } },
        { custom: { name: 'box__exec', format: { type: 'grammar', grammar: { syntax: 'lark' } } } },
      ],
      messages: [{}, { tool_calls: [{ function: { name: 'box__f' } }] }, {}],
    })
  })

  test('of free text are functions to Chat models of other vendors', () => {
    const input = [
      HI,
      { type: 'custom_tool_call', call_id: 'c1', name: 'exec', input: 'x' },
      { ...RESULT, type: 'custom_tool_call_output' },
    ]
    const chat = openaiChat.encodeRequest(decodeInput(input, { tools: [exec] }), () => {})
    expect(chat).toMatchObject({
      tools: [{ type: 'function', function: { name: 'exec', parameters: { required: ['input'] } } }],
      messages: [
        {},
        { tool_calls: [{ type: 'function', function: { name: 'exec', arguments: '{"input":"x"}' } }] },
        {},
      ],
    })
  })

  test('that stand in the input stay there, and are declared to everybody else', () => {
    const lite = { type: 'additional_tools', id: 'at_1', role: 'developer', tools: [f, { type: 'clock' }] }
    const request = decodeInput([lite, HI, { ...lite, tools: [exec] }])
    expect(encode(request)).toEqual({
      body: {
        model: 'm',
        input: [lite, HI, { ...lite, tools: [exec] }],
      },
      losses: [],
    })
    const chat = openaiChat.encodeRequest(request, () => {})
    expect(chat['messages']).toHaveLength(1)
    expect(chat['tools']).toMatchObject([{ function: { name: 'f' } }, { function: { name: 'exec' } }])
  })

  test('are known again when the vendor called them in a namespace that nobody declared', () => {
    const call = { ...CALL, namespace: 'f' }
    const request = decodeInput([HI, call, RESULT], { tools: [f] })
    expect(openaiChat.encodeRequest(request, () => {})).toMatchObject({
      messages: [{}, { tool_calls: [{ function: { name: 'f' } }] }, {}],
    })
    expect(encode(request).body['input']).toMatchObject([{}, call, {}])
  })

  test.each([
    ['auto', { mode: 'auto' }],
    ['required', { mode: 'required' }],
    [
      { type: 'function', name: 'f' },
      { mode: 'required', tools: ['f'] },
    ],
    [
      { type: 'custom', name: 'exec' },
      { mode: 'required', tools: ['exec'] },
    ],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
      { mode: 'auto', tools: ['f'] },
    ],
    [{ type: 'web_search_preview' }, { mode: 'required', tools: ['web_search'] }],
    [{ type: 'image_generation' }, { mode: 'required', tools: ['image_generation'] }],
    [
      { type: 'mcp', server_label: 's', name: 'deep' },
      { mode: 'required', tools: ['deep'] },
    ],
  ])('are chosen: %j', (tool_choice, choice) => {
    const request = decodeInput([HI], { tools: [f, exec], tool_choice })
    expect(request.toolChoice).toEqual(choice as never)
    expect(encode(request).body['tool_choice']).toEqual(tool_choice)
  })

  test('of the vendor’s own that are demanded force no other tool', () => {
    const request = decodeInput([HI], { tools: [f, { type: 'web_search' }], tool_choice: { type: 'web_search' } })
    expect(openaiChat.encodeRequest(request, () => {})['tool_choice']).toBe('auto')
    expect(anthropic.encodeRequest(request, () => {})['tool_choice']).toEqual({ type: 'tool', name: 'web_search' })
  })
})

describe('the rest of a request', () => {
  test.each([
    [{ text: { format: { type: 'text' }, verbosity: 'low' } }, { format: undefined }],
    [{ text: { format: { type: 'json_object' } } }, { format: { type: 'json' } }],
    [
      { text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } } },
      { format: { type: 'schema', name: 'n', schema: { type: 'object' }, strict: true } },
    ],
    [{ text: { format: { type: 'grammar', definition: 'x' } } }, { format: undefined }],
    [
      { reasoning: { effort: 'xhigh', summary: 'detailed' } },
      { reasoning: { mode: 'on', level: 'xhigh', show: 'detailed' } },
    ],
    [{ reasoning: { effort: 'none' } }, { reasoning: { mode: 'off' } }],
    [{ reasoning: { summary: 'auto', context: 'all_turns' } }, { reasoning: { mode: 'auto', show: 'auto' } }],
    [{ reasoning: { effort: 'ultra' } }, { reasoning: undefined }],
    [{ safety_identifier: 'a', user: 'b' }, { user: 'a' }],
    [{ store: false, include: ['reasoning.encrypted_content'] }, {}],
    [
      { parallel_tool_calls: false, max_output_tokens: 5, top_p: 0.5 },
      { parallelTools: false, sampling: { maxTokens: 5, topP: 0.5 } },
    ],
  ])('is read, and comes to a vendor of this protocol as it was: %j', (fields, read) => {
    const request = decodeInput([HI], fields)
    expect(request).toMatchObject(read)
    const { text, ...others } = fields as JsonObject
    const { body, losses } = encode(request)
    expect(body).toMatchObject(others)
    expect(losses).toEqual([])
    if (text && request.format) expect(body['text']).toMatchObject(text)
  })

  test('tells other vendors of no loss where a wish is fulfilled anyway', () => {
    const losses: string[] = []
    const request = decodeInput([HI], { store: false, include: ['reasoning.encrypted_content'], truncation: 'auto' })
    openaiChat.encodeRequest(request, ({ path }) => losses.push(path))
    expect(losses).toEqual(['extras.openai-responses.truncation'])
  })
})
