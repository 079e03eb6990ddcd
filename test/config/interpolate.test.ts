import { expect, test } from 'bun:test'
import { interpolate } from '../../src/config/interpolate.ts'

const ENVIRONMENT = { KEY: 'k', EMPTY: '', NESTED: '${KEY}' }

test.each([
  ['plain', 'plain'],
  ['${KEY}', 'k'],
  ['a-${KEY}-${KEY}b', 'a-k-kb'],
  ['${EMPTY}', ''],
  ['${NESTED}', '${KEY}'],
  ['$KEY $ {KEY} }', '$KEY $ {KEY} }'],
  ['$${KEY}', '${KEY}'],
])('%j becomes %j', (text, result) => {
  expect(interpolate(text, ENVIRONMENT)).toEqual({ text: result, problems: [] })
})

test('every missing variable is named', () => {
  const { problems } = interpolate('${ONE} ${KEY} ${TWO}', ENVIRONMENT)
  expect(problems).toEqual([
    'needs the environment variable ONE, which is not set; set it, or write the value',
    'needs the environment variable TWO, which is not set; set it, or write the value',
  ])
})

test.each(['${', '${}', '${A B}', '${KEY', '${KEY:-x}'])('%j is no reference', (text) => {
  expect(interpolate(text, ENVIRONMENT).problems).toHaveLength(1)
})
