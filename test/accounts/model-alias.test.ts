import { expect, test } from 'bun:test'
import { applyAliases } from '../../src/accounts/model-alias.ts'

const MODELS = [
  { name: 'a', alias: 'a', displayName: 'A', contextTokens: 1000 },
  { name: 'b', alias: 'b' },
]
const names = (models: readonly { readonly name: string; readonly alias: string }[]): readonly string[] =>
  models.map(({ name, alias }) => `${alias} → ${name}`)

test.each([
  ['takes the place of a model’s own name', [{ name: 'a', alias: 'x', isFork: false }], ['b → b', 'x → a']],
  ['stands beside it where it is a fork', [{ name: 'A', alias: 'x', isFork: true }], ['a → a', 'b → b', 'x → a']],
  [
    'may be one of several for one model',
    [
      { name: 'a', alias: 'x', isFork: false },
      { name: 'a', alias: 'y', isFork: false },
    ],
    ['b → b', 'x → a', 'y → a'],
  ],
  ['serves a model that no list knows', [{ name: 'new', alias: 'x', isFork: false }], ['a → a', 'b → b', 'x → new']],
  [
    'makes a pool with the model whose name it is',
    [{ name: 'a', alias: 'b', isFork: true }],
    ['a → a', 'b → b', 'b → a'],
  ],
  ['that is the model’s own name changes nothing', [{ name: 'a', alias: 'a', isFork: true }], ['b → b', 'a → a']],
])('an alias %s', (_title, aliases, expected) => {
  expect(names(applyAliases(MODELS, aliases))).toEqual(expected)
})

test('an alias keeps what is known of its model', () => {
  const models = applyAliases(MODELS, [{ name: 'a', alias: 'x', isFork: false }])
  expect(models.at(-1)).toEqual({ name: 'a', alias: 'x', displayName: 'A', contextTokens: 1000 })
})
