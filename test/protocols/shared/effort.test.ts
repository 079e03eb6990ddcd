import { describe, expect, test } from 'bun:test'
import type { EffortLevel } from '../../../src/ir/request.ts'
import {
  budgetFor,
  EFFORT_LEVELS,
  levelFor,
  nearestLevel,
  splitThinkingSuffix,
} from '../../../src/protocols/shared/effort.ts'

describe('the tables of levels and budgets', () => {
  test.each([
    [1, 'minimal'],
    [512, 'minimal'],
    [513, 'low'],
    [1024, 'low'],
    [8192, 'medium'],
    [8193, 'high'],
    [24_576, 'high'],
    [24_577, 'xhigh'],
    [1_000_000, 'xhigh'],
  ] as const)('%d tokens are %s', (budgetTokens, level) => {
    expect(levelFor(budgetTokens)).toBe(level)
  })

  test.each(['minimal', 'low', 'medium', 'high', 'xhigh'] as const)('the budget of %s is of that level', (level) => {
    expect(levelFor(budgetFor(level))).toBe(level)
  })

  test.each<[EffortLevel, readonly EffortLevel[], EffortLevel]>([
    ['high', ['low', 'high'], 'high'],
    ['medium', ['low', 'high'], 'low'],
    ['max', ['low', 'medium', 'high'], 'high'],
    ['minimal', ['medium', 'high'], 'medium'],
    ['high', [], 'high'],
  ])('of %s, a model with %j gets %s', (level, supported, nearest) => {
    expect(nearestLevel(level, supported)).toBe(nearest)
  })
})

describe('the thinking suffix', () => {
  test.each([
    ['gpt-5(high)', 'gpt-5', { mode: 'on', level: 'high' }],
    ['gpt-5(HIGH)', 'gpt-5', { mode: 'on', level: 'high' }],
    ['claude( 2048 )', 'claude', { mode: 'on', budgetTokens: 2048 }],
    ['claude(0)', 'claude', { mode: 'off' }],
    ['claude(none)', 'claude', { mode: 'off' }],
    ['claude(auto)', 'claude', { mode: 'auto' }],
    ['claude(-1)', 'claude', { mode: 'auto' }],
    ['a(b)(low)', 'a(b)', { mode: 'on', level: 'low' }],
  ])('of %s says what it says', (name, model, reasoning) => {
    expect(splitThinkingSuffix(name)).toEqual({ model, reasoning } as never)
  })

  test.each(['gpt-5', '(high)', 'gpt-5(high', 'gpt-5 high)'])('%s has none', (name) => {
    expect(splitThinkingSuffix(name)).toEqual({ model: name })
  })

  test('that says nothing known is cut off', () => {
    expect(splitThinkingSuffix('gpt-5(fast)')).toEqual({ model: 'gpt-5', reasoning: undefined })
  })

  test('knows every level', () => {
    expect(EFFORT_LEVELS.map((level) => splitThinkingSuffix(`m(${level})`).reasoning?.level)).toEqual([
      ...EFFORT_LEVELS,
    ])
  })
})
