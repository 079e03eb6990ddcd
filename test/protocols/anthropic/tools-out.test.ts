import { describe, expect, test } from 'bun:test'
import type { Part } from '../../../src/ir/part.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import { readObjects } from '../../../src/lib/json.ts'
import { encode, requestOf } from './context.ts'
import { assistant, result, user } from './conversation.ts'

describe('tools', () => {
  const tool = { kind: 'function', name: 'f' } as const
  test.each<[Partial<ModelRequest>, unknown, readonly string[]]>([
    [{ toolChoice: { mode: 'auto' } }, { type: 'auto' }, []],
    [{ toolChoice: { mode: 'none' } }, { type: 'none' }, []],
    [{ toolChoice: { mode: 'required' } }, { type: 'any' }, []],
    [{ toolChoice: { mode: 'required', tools: ['f'] } }, { type: 'tool', name: 'f' }, []],
    [{ toolChoice: { mode: 'required', tools: ['f', 'g'] } }, { type: 'any' }, ['toolChoice.tools: choice-subset']],
    [{ toolChoice: { mode: 'required', tools: ['g'] } }, { type: 'auto' }, ['toolChoice.tools: choice-subset']],
    [{ parallelTools: false }, { type: 'auto', disable_parallel_tool_use: true }, []],
    [{ toolChoice: { mode: 'required' }, tools: [] }, undefined, ['toolChoice: choice-without-tools']],
  ])('are chosen: %j', (fields, choice, losses) => {
    const encoded = encode(requestOf([user('a')], { tools: [tool], ...fields }))
    expect(encoded.body['tool_choice']).toEqual(choice as never)
    expect(encoded.losses).toEqual(losses)
  })

  test('have an object for a schema, a name that is taken, and stand once', () => {
    const { body, losses } = encode(
      requestOf([user('a')], {
        tools: [
          { ...tool, name: 'a.b', strict: true },
          { ...tool, name: 'a.b' },
        ],
      }),
    )
    expect(body['tools']).toEqual([{ name: 'a_b', input_schema: { type: 'object' } }])
    expect(losses).toEqual(['tools.0: strict-tool', 'tools.1: tool-twice'])
  })

  test('of free text become functions of one string', () => {
    const grammar = { type: 'grammar', syntax: 'regex', definition: '\\d+' }
    const custom: Part = { type: 'tool-call', id: 't', name: 'patch', kind: 'custom', input: '*** "x"' }
    const { body } = encode(
      requestOf([user('a'), assistant(custom), user(result('t'))], {
        tools: [{ kind: 'custom', name: 'patch', grammar }],
      }),
    )
    expect(body['tools']).toEqual([
      {
        name: 'patch',
        input_schema: {
          type: 'object',
          properties: { input: { type: 'string', description: 'Text of this grammar (regex):\n\\d+' } },
          required: ['input'],
        },
      },
    ])
    expect(readObjects(readObjects(body['messages'])[1]?.['content'])[0]?.['input']).toEqual({ input: '*** "x"' })
  })

  test('of another vendor’s own are lost, but for searching the web', () => {
    const search = {
      type: 'web_search',
      user_location: { type: 'approximate', country: 'DE' },
      filters: { allowed_domains: ['x.test'] },
    }
    const hosted = [
      { protocol: 'openai-responses', value: search } as const,
      { protocol: 'openai-responses', value: { type: 'code_interpreter' } } as const,
    ]
    const { body, losses } = encode(requestOf([user('a')], { hosted }))
    expect(body['tools']).toEqual([
      {
        type: 'web_search_20250305',
        name: 'web_search',
        user_location: { type: 'approximate', country: 'DE' },
        allowed_domains: ['x.test'],
      },
    ])
    expect(losses).toEqual(['hosted.1: hosted-tool'])
  })

  test('of a union become one object for Claude, and stay as they are for others', () => {
    const schema = {
      anyOf: [
        { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] },
        { properties: { a: { type: 'string' } }, required: ['a'] },
      ],
    }
    const union = [{ ...tool, schema }]
    expect(encode(requestOf([user('a')], { tools: union })).body['tools']).toEqual([
      { name: 'f', input_schema: { ...schema, type: 'object' } },
    ])
    const { body, losses } = encode(requestOf([user('a')], { model: 'claude-opus-5', tools: union }))
    const joined = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] }
    expect(body['tools']).toEqual([{ name: 'f', input_schema: joined }])
    expect(losses).toEqual(['tools.0: schema-union'])
  })
})
