import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseDocument } from 'yaml'
import { readPlainYaml } from '../../src/config/plain-yaml.ts'

/** Pieces of which lines are put together at random, so that many documents are almost plain. */
const INDENTS = ['', '  ', '    ', ' ', '- ', '  - ', '- - ', '\t']
const KEYS = ['a: ', 'b: ', 'base-url: ', 'a:', 'b:', '', 'x:y', '"q": ', '? ']
const SCALARS = [
  '',
  'word',
  'two words',
  'yes',
  'true',
  'False',
  'null',
  '~',
  '1',
  '-5',
  '0',
  '-0',
  '0123',
  '0x1F',
  '1e3',
  '1.5',
  '.inf',
  '127.0.0.1',
  '2024-01-01',
  '123456789012345',
  '1234567890123456',
  '""',
  '"a: b # c"',
  '"\\n"',
  "'it'",
  "'it''s'",
  '${NAME}',
  'https://x.example:80/v1?q=1',
  'sk-AbC_12',
  '~/x',
  '/x',
  'a:b',
  'ends:',
  'a#b',
  '# comment',
  'word # comment',
  '[a]',
  '{a: 1}',
  '*x',
  '&x',
  '!!str 1',
  '|',
  '@x',
  'a, b',
  'b]',
  '---',
  'x%y',
  'ünï',
]

test('plain YAML means to the runtime what it means to the YAML package', () => {
  let plain = 0
  const line = fc.tuple(fc.constantFrom(...INDENTS), fc.constantFrom(...KEYS), fc.constantFrom(...SCALARS))
  const document = fc.array(line, { maxLength: 7 }).map((lines) => lines.map((parts) => parts.join('')).join('\n'))
  fc.assert(
    fc.property(document, fc.constantFrom('\n', '\r\n'), (text, end) => {
      const read = readPlainYaml(text.replaceAll('\n', end))
      if (read === undefined) return
      plain++
      const { errors, contents } = parseDocument(text.replaceAll('\n', end))
      expect(errors).toEqual([])
      expect(read).toEqual(contents?.toJSON() ?? null)
    }),
    { numRuns: 20_000 },
  )
  expect(plain).toBeGreaterThan(500)
})

test.each([
  ['a comment only', '# x\n\n', null],
  ['a list below its key, not indented', 'a:\n- b\n- c # d\n', { a: ['b', 'c'] }],
  ['mappings in a list', 'a:\n  - b: 1\n    c: "x # y"\n  - b: 2\n', { a: [{ b: 1, c: 'x # y' }, { b: 2 }] }],
  ['variables', 'a: ${X}\nb: "${X}/y"\n', { a: '${X}', b: '${X}/y' }],
])('%s is plain', (_, text, value) => {
  expect(readPlainYaml(text)).toEqual(value)
})

test.each([
  ['a key that is there twice', 'a: 1\nb: 2\na: 1\n'],
  ['a key that is there twice in a list', 'x:\n  - a: 1\n    a: 2\n'],
  ['words that YAML once took for flags', 'a: yes\n'],
  ['several documents', 'a: 1\n---\nb: 1\n'],
  ['a text over several lines', 'a: b\n  c\n'],
  ['a list swallowed by a text', 'a: b\n  - c\n'],
  ['tabs', 'a:\n\tb: 1\n'],
  ['a tab alone on its line', 'a:\n\t'],
])('%s is left to the YAML package', (_, text) => {
  expect(readPlainYaml(text)).toBeUndefined()
})
