import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account, ModelEntry } from '../../src/accounts/account.ts'
import { isExcluded } from '../../src/accounts/exclusion.ts'
import { createModelBook, type ModelBook, type ModelBookOptions } from '../../src/accounts/learn.ts'
import { accountFor } from '../pool/accounts.ts'

const MINUTE = 60_000
const signal = new AbortController().signal

let folder = ''
let now = 0
let reports: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-learn-'))
  now = 1_800_000_000_000
  reports = []
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function model(name: string, alias = name): ModelEntry {
  return { name, alias, contextTokens: 1000 }
}

function bookFor(list: ModelBookOptions['list'], catalogue: readonly ModelEntry[] = []): ModelBook {
  return createModelBook({
    list,
    catalogue: () => catalogue,
    folder,
    clock: () => now,
    report: (line) => reports.push(line),
  })
}

function namesOf(book: ModelBook, account: Account): readonly string[] {
  return book.modelsOf(account).map(({ alias }) => alias)
}

const refuses: ModelBookOptions['list'] = async () => {
  throw new Error('the models endpoint answered 404')
}

describe('What an account serves', () => {
  const account = accountFor('a')

  test('is what the config says, and then nobody is asked', async () => {
    let asked = 0
    const book = bookFor(async () => [model(`m${asked++}`)])
    const fixed = accountFor('a', { models: [model('real', 'shown')] })
    await book.refresh([fixed], signal)
    expect([namesOf(book, fixed), asked]).toEqual([['shown'], 0])
  })

  test('is the catalogue’s where the upstream has no list, of which nobody is told', async () => {
    const book = bookFor(() => undefined, [model('known')])
    await book.refresh([account], signal)
    expect([namesOf(book, account), reports]).toEqual([['known'], []])
    expect(readdirSync(folder)).toEqual([])
  })

  test('is the catalogue’s until it is learned', async () => {
    const book = bookFor(async () => [model('learned'), model('learned')], [model('known')])
    expect(namesOf(book, account)).toEqual(['known'])
    await book.refresh([account], signal)
    expect(namesOf(book, account)).toEqual(['learned'])
  })

  test('survives a restart, in a file that only its owner can read', async () => {
    await bookFor(async () => [model('learned')]).refresh([account], signal)
    expect(readdirSync(join(folder, '.cliproxy'))).toEqual(['models-a.json'])
    expect(statSync(join(folder, '.cliproxy', 'models-a.json')).mode & 0o777).toBe(0o600)
    const next = bookFor(refuses, [model('known')])
    expect(next.modelsOf(account)).toEqual([model('learned')])
    await next.refresh([account], signal)
    expect(namesOf(next, account)).toEqual(['learned'])
    expect(reports).toEqual([
      'a: its models could not be learned (the models endpoint answered 404); the list of before is used',
    ])
  })

  test.each(['', 'not json', '{}', '{"models":[{"name":7}]}', '[]'])(
    'is not hindered by a broken file: %s',
    async (text) => {
      await bookFor(async () => [model('learned')]).refresh([account], signal)
      writeFileSync(join(folder, '.cliproxy', 'models-a.json'), text)
      expect(namesOf(bookFor(refuses, [model('known')]), account)).toEqual(['known'])
    },
  )

  test('leaves out what the account excludes, by its name or its alias', () => {
    const models = [model('a-1'), model('b-1', 'shown'), model('c-1', 'hidden'), model('d')]
    const choosy = accountFor('a', { models, excludedModels: ['A-*', 'b-1', 'HIDDEN'] })
    expect(namesOf(bookFor(refuses), choosy)).toEqual(['d'])
  })

  test('has the names that the account gives it, and keeps the old one of a fork', () => {
    const aliases = [
      { name: 'a', alias: 'x', displayName: 'X', isFork: false },
      { name: 'b', alias: 'y', isFork: true },
      { name: 'unlisted', alias: 'z', isFork: false },
    ]
    const renaming = accountFor('a', { models: [model('a'), model('b'), model('c')], aliases, excludedModels: ['c'] })
    expect(bookFor(refuses).modelsOf(renaming)).toEqual([
      model('b'),
      { ...model('a', 'x'), displayName: 'X' },
      model('b', 'y'),
      { name: 'unlisted', alias: 'z' },
    ])
  })
})

describe('Learning', () => {
  test('tells a failure once, again when it changes, and anew after it was mended', async () => {
    const failures = ['down', 'down', 'gone', undefined, 'gone']
    const book = bookFor(async () => {
      const failure = failures.shift()
      if (failure !== undefined) throw new Error(failure)
      return [model('m')]
    })
    for (let round = 0; round < 5; round++) {
      await book.refresh([accountFor('a')], signal)
      now += 10 * MINUTE
    }
    expect(reports.map((line) => line.replace(/.*\((.*)\).*/, '$1'))).toEqual(['down', 'gone', 'gone'])
    expect(reports[0]).toContain('give it `models` in the config')
  })

  test('takes an empty list for a failure', async () => {
    const answers = [[model('m')], []]
    const book = bookFor(async () => answers.shift() ?? [])
    const account = accountFor('a')
    await book.refresh([account], signal)
    now += 10 * MINUTE
    await book.refresh([account], signal)
    expect(namesOf(book, account)).toEqual(['m'])
    expect(reports[0]).toContain('lists no models')
  })

  test('asks an account not again at once, and all in parallel, but not too many', async () => {
    let asked = 0
    let open = 0
    let most = 0
    const book = bookFor(async () => {
      asked++
      most = Math.max(most, ++open)
      await Promise.resolve()
      open--
      return [model('m')]
    })
    const accounts = Array.from({ length: 30 }, (_, index) => accountFor(`a${index}`))
    await book.refresh(accounts, signal)
    await book.refresh(accounts, signal)
    expect([asked, most]).toEqual([30, 8])
    now += 5 * MINUTE
    await book.refresh(accounts, signal)
    expect(asked).toBe(60)
  })

  test('says nothing when the program ends meanwhile', async () => {
    const ending = new AbortController()
    const book = bookFor(async () => {
      ending.abort()
      throw new Error('aborted')
    })
    await book.refresh([accountFor('a'), accountFor('b')], ending.signal)
    expect(reports).toEqual([])
  })

  test('goes on without a file when the folder cannot be written', async () => {
    writeFileSync(join(folder, '.cliproxy'), 'a file where the folder should be')
    chmodSync(join(folder, '.cliproxy'), 0o400)
    const book = bookFor(async () => [model('m')])
    await book.refresh([accountFor('a')], signal)
    expect(namesOf(book, accountFor('a'))).toEqual(['m'])
    expect(reports[0]).toContain('could not be kept for the next start')
    expect(readFileSync(join(folder, '.cliproxy'), 'utf8')).toContain('a file')
  })
})

test.each<readonly [string, readonly string[], boolean]>([
  ['gpt-5', ['gpt-5'], true],
  ['gpt-5', ['GPT-*'], true],
  ['gpt-5-mini', ['gpt-5'], false],
  ['gpt-5-mini', ['*-mini'], true],
  ['gpt-image-1', ['*image*'], true],
  ['gpt-5-mini', ['g*5*i'], true],
  ['gpt-5', ['*'], true],
  ['gpt', ['gp*pt'], false],
  ['aXbXc', ['a*b*c'], true],
  ['abc', ['a*c*b'], false],
  ['gpt.5', ['gpt-5', 'gpt?5'], false],
  ['', ['*'], true],
  ['gpt-5', [], false],
])('%j is excluded by %j: %p', (name, patterns, expected) => {
  expect(isExcluded(name, patterns)).toBe(expected)
})
