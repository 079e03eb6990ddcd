import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Tool } from '../../../src/ir/request.ts'
import { CALL_ID_RULES, callIdsFor, TOOL_NAME_RULES, toolNamesFor } from '../../../src/protocols/shared/tool-id.ts'

const tool = (name: string, namespace?: string): Tool => ({ kind: 'function', name, namespace })
const names = (...tools: readonly Tool[]): ReturnType<typeof toolNamesFor> =>
  toolNamesFor({ tools, turns: [] }, TOOL_NAME_RULES['openai-chat'])

describe('names of tools', () => {
  test.each([
    ['get_weather', 'get_weather'],
    ['get weather!', 'get_weather_'],
    [`mcp__${'server'.repeat(12)}__read`, 'mcp__read'],
    ['x'.repeat(70), 'x'.repeat(64)],
    ['', '_'],
  ])('%s becomes %s', (name, wireName) => {
    expect(names(tool(name)).wireName(name)).toBe(wireName)
  })

  test('that would become alike stay apart, and the one that fits keeps its own', () => {
    const map = names(tool('a b'), tool('a.b'), tool('a_b'))
    expect(['a b', 'a.b', 'a_b'].map((name) => map.wireName(name))).toEqual(['a_b_1', 'a_b_2', 'a_b'])
  })

  test('of a namespace carry it', () => {
    const map = names(tool('read', 'files'), tool('read'))
    expect(map.wireName('read', 'files')).toBe('files__read')
    expect(map.toolOf('files__read')).toEqual({ name: 'read', namespace: 'files', kind: 'function' })
    expect(map.toolOf('read')).toEqual({ name: 'read', namespace: undefined, kind: 'function' })
  })

  test('begin as Gemini wants them', () => {
    const map = toolNamesFor({ tools: [tool('1st:tool.x')], turns: [] }, TOOL_NAME_RULES.gemini)
    expect(map.wireName('1st:tool.x')).toBe('_1st:tool.x')
  })

  test('are valid, distinct and can be undone, whatever they are', () => {
    const rule = TOOL_NAME_RULES.anthropic
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.string({ minLength: 120, maxLength: 140 }),
      fc.constantFrom('a', 'a_1', 'a b'),
    )
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 12 }), (words) => {
        const map = toolNamesFor({ tools: words.map((name) => tool(name)), turns: [] }, rule)
        const wireNames = words.map((name) => map.wireName(name))
        expect(new Set(wireNames).size).toBe(words.length)
        for (const wireName of wireNames) expect(wireName).toMatch(/^[a-zA-Z0-9_-]{1,128}$/)
        expect(wireNames.map((wireName) => map.toolOf(wireName)?.name)).toEqual(words)
      }),
      { seed: 1 },
    )
  })
})

describe('ids of calls', () => {
  test('keep to the alphabet, stay apart, and are the same for call and result', () => {
    const wireId = callIdsFor(CALL_ID_RULES.anthropic)
    expect(['functions.f:0', 'functions_f:0', 'functions.f:0', ''].map(wireId)).toEqual([
      'functions_f_0',
      'functions_f_0_1',
      'functions_f_0',
      'call',
    ])
  })

  test('of any length fit, and stay apart when only their ends differ', () => {
    const wireId = callIdsFor(CALL_ID_RULES['openai-chat'])
    const [one, other] = [wireId(`${'x'.repeat(90)}1`), wireId(`${'x'.repeat(90)}2`)]
    expect(one).toHaveLength(64)
    expect(other).toHaveLength(64)
    expect(one).not.toBe(other)
  })
})
