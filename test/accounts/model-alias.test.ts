import { expect, test } from 'bun:test'
import { applyAliases } from '../../src/accounts/model-alias.ts'

const MODELS = [
  { name: 'a', alias: 'a', displayName: 'A', contextTokens: 1000 },
  { name: 'b', alias: 'b' },
]
const names = (models: readonly { readonly name: string; readonly alias: string }[]): readonly string[] =>
  models.map(({ name, alias }) => `${alias} → ${name}`)

test.each([
  ['takes the place of a model’s own name', [{ name: 'a', alias: 'x', isFork: false }], ['x → a', 'b → b']],
  ['stands beside it where it is a fork', [{ name: 'A', alias: 'x', isFork: true }], ['x → a', 'a → a', 'b → b']],
  [
    'may be one of several for one model',
    [
      { name: 'a', alias: 'x', isFork: false },
      { name: 'a', alias: 'y', isFork: false },
    ],
    ['x → a', 'y → a', 'b → b'],
  ],
  ['serves a model that no list knows', [{ name: 'new', alias: 'x', isFork: false }], ['x → new', 'a → a', 'b → b']],
  ['may be the name of another model', [{ name: 'a', alias: 'b', isFork: true }], ['b → a', 'a → a']],
])('an alias %s', (_title, aliases, expected) => {
  expect(names(applyAliases(MODELS, aliases))).toEqual(expected)
})

test('an alias keeps what is known of its model', () => {
  const [first] = applyAliases(MODELS, [{ name: 'a', alias: 'x', isFork: false }])
  expect(first).toEqual({ name: 'a', alias: 'x', displayName: 'A', contextTokens: 1000 })
})
