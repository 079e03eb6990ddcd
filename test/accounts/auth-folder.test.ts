import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { type AuthFolder, type AuthFolderOptions, openAuthFolder } from '../../src/accounts/files/auth-folder.ts'
import { placeFor } from '../../src/accounts/files/auth-place.ts'
import { recryptFiles } from '../../src/accounts/files/recrypt.ts'
import { parseObject } from '../../src/lib/json.ts'
import { tryLock } from '../../src/lib/process-lock.ts'
import { MADE_UP } from './made-up.ts'

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'cliproxy-auth-')), 'auth')
})
afterEach(() => rmSync(dirname(path), { recursive: true, force: true }))

function open(options: Partial<AuthFolderOptions> = {}): AuthFolder {
  return openAuthFolder({ path, environment: { KEY: 'a key for tests' }, ...options })
}

function put(name: string, text: string): void {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, name), text)
}

const text = (name: string): string => readFileSync(join(path, name), 'utf8')
const modeOf = (file: string): number => statSync(file).mode & 0o777

/** Leaves a draft as a process does that is killed. @param ageMs of the file; negative: the draft is older */
function leave(content: string, ageMs: number): void {
  const { draft, file } = placeFor(path, 'a.json')
  mkdirSync(dirname(draft), { recursive: true })
  writeFileSync(file, '{"n":"old"}')
  writeFileSync(draft, content)
  const at = Date.now() / 1000
  utimesSync(draft, at, at)
  utimesSync(file, at - ageMs / 1000, at - ageMs / 1000)
}

function endAtSynced(step: string): void {
  if (step === 'synced') throw new Error('killed')
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'it did not fail',
    (error: unknown) => String(error),
  )
}

describe('the folder of logins', () => {
  test('lists what ends in .json, by name, and reports what cannot be read', () => {
    expect(open().list()).toEqual([])
    put('b.json', '{"type":"claude"}')
    put('a.JSON', '\uFEFF{"type":"codex"}')
    put('c.json', '{"secret":')
    put('d.json', '[]')
    put('empty.json', '')
    put('note.txt', '{}')
    put('e.json', `{"a":"${'x'.repeat(1024 * 1024)}"}`)
    mkdirSync(join(path, 'folder.json'))
    expect(open().list()).toEqual([
      { name: 'a.JSON', fields: { type: 'codex' }, isEncrypted: false },
      { name: 'b.json', fields: { type: 'claude' }, isEncrypted: false },
      { name: 'c.json', problem: 'it is no JSON object' },
      { name: 'd.json', problem: 'it is no JSON object' },
      { name: 'e.json', problem: 'it is larger than 1 MB' },
    ])
  })

  test.each(['../a.json', 'a/b.json', 'a\\b.json', 'a.txt', '.json/..', 'a\n.json', ''])(
    'has no file that is called %j',
    async (name) => {
      expect(open().read(name)).toBeUndefined()
      expect(await failureOf(open().write(name, {}))).toContain('is no name of a login')
    },
  )

  test('writes for its owner alone, and leaves nothing else behind', async () => {
    await open().write('a.json', { type: 'claude', n: 1 })
    expect(parseObject(text('a.json'))).toEqual({ type: 'claude', n: 1 })
    expect([modeOf(path), modeOf(join(path, 'a.json'))]).toEqual([0o700, 0o600])
    expect(modeOf(placeFor(path, 'a.json').lock)).toBe(0o600)
    expect(readdirSync(dirname(placeFor(path, 'a.json').draft))).toEqual([])
    chmodSync(join(path, 'a.json'), 0o644)
    await open().update('a.json', (fields) => ({ ...fields, n: 2 }))
    expect(modeOf(join(path, 'a.json'))).toBe(0o600)
  })

  test('keeps the bytes of what a change does not touch', async () => {
    put('a.json', '{ "big": 12345678901234567890, "token" : "old",\n  "gone": 1, "same": {"a": [1.0]} }')
    await open().update('a.json', (fields) => {
      const { gone, ...rest } = fields
      expect(gone).toBe(1)
      return { ...rest, token: 'new', added: true }
    })
    expect(text('a.json')).toContain('"big": 12345678901234567890')
    expect(text('a.json')).toContain('"same": {"a": [1.0]}')
    expect(open().read('a.json')).toMatchObject({ fields: { token: 'new', added: true } })
    expect(text('a.json')).not.toContain('gone')
  })

  test('keeps unknown fields through any write', async () => {
    const folder = open()
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (unknown) => {
        const before = parseObject(JSON.stringify({ ...unknown, access_token: 'old' }))
        put('a.json', JSON.stringify(before))
        await folder.update('a.json', (fields) => ({ ...fields, access_token: 'new' }))
        expect(parseObject(text('a.json'))).toEqual({ ...before, access_token: 'new' })
      }),
      { numRuns: 30 },
    )
  })

  test('changes the file that a link names', async () => {
    mkdirSync(path)
    const target = join(dirname(path), 'elsewhere.json')
    writeFileSync(target, '{"a":1}')
    symlinkSync(target, join(path, 'a.json'))
    await open().update('a.json', () => ({ a: 2 }))
    expect(parseObject(readFileSync(target, 'utf8'))).toEqual({ a: 2 })
  })

  test.skipIf(!existsSync('/dev/shm'))('fills a file anew that cannot be replaced', async () => {
    mkdirSync(path)
    const elsewhere = mkdtempSync('/dev/shm/cliproxy-auth-')
    try {
      writeFileSync(join(elsewhere, 'a.json'), '{"a":1}', { mode: 0o644 })
      symlinkSync(join(elsewhere, 'a.json'), join(path, 'a.json'))
      await open().update('a.json', () => ({ a: 2 }))
      expect(parseObject(readFileSync(join(elsewhere, 'a.json'), 'utf8'))).toEqual({ a: 2 })
      expect(modeOf(join(elsewhere, 'a.json'))).toBe(0o600)
      expect(existsSync(placeFor(path, 'a.json').draft)).toBe(false)
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  test('lets one change happen after the other', async () => {
    put('a.json', '{"n":0}')
    const folders = [open(), open()]
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await folders[index % 2]?.update('a.json', async (fields) => {
          await new Promise(setImmediate)
          return { n: Number(fields['n']) + 1 }
        })
      }),
    )
    expect(parseObject(text('a.json'))).toEqual({ n: 10 })
  })

  test('says when its locks cannot be made', async () => {
    put('.cliproxy', 'a file in the place of the folder')
    put('a.json', '{"n":0}')
    expect(await failureOf(open().update('a.json', () => ({ n: 1 })))).toContain('.lock cannot be taken')
    expect(text('a.json')).toBe('{"n":0}')
  })

  test.each<[string, () => void, RegExp | undefined, string | undefined]>([
    ['removes', () => rmSync(join(path, 'a.json')), /removed meanwhile/, undefined],
    ['breaks', () => put('a.json', '{"n"'), /it is no JSON object/, '{"n"'],
    ['makes anew', () => put('a.json', '{"n":"theirs"}'), /the same fields/, '{"n":"theirs"}'],
    ['disables', () => put('a.json', '{"n":"old","disabled":true}'), undefined, '{"n":"new","disabled":true}\n'],
  ])('leaves be what an editor %s while the change is made', async (_what, edit, problem, expected) => {
    put('a.json', '{"n":"old"}')
    const changed = open().update('a.json', async (fields) => {
      edit()
      return { ...fields, n: 'new' }
    })
    expect(await failureOf(changed)).toMatch(problem ?? /it did not fail/)
    expect(existsSync(join(path, 'a.json')) ? text('a.json') : undefined).toBe(expected)
  })

  test('reads no pipe, which would keep it waiting', async () => {
    put('a.json', '{}')
    Bun.spawnSync(['mkfifo', join(path, 'pipe.json')])
    symlinkSync('/dev/zero', join(path, 'endless.json'))
    expect(open().list()).toEqual([
      { name: 'a.json', fields: {}, isEncrypted: false },
      { name: 'endless.json', problem: 'it is no file' },
      { name: 'pipe.json', problem: 'it is no file' },
    ])
  })

  test('says when there is nothing to change, and leaves the file alone when the change fails', async () => {
    expect(await failureOf(open().update('a.json', () => ({})))).toContain('the file is gone')
    put('a.json', '{"n":0}')
    const failing = open().update('a.json', () => {
      throw new Error('no')
    })
    expect(await failureOf(failing)).toContain('no')
    expect(text('a.json')).toBe('{"n":0}')
    await open().remove('a.json')
    expect(existsSync(join(path, 'a.json'))).toBe(false)
  })
})

describe('a draft that was left behind', () => {
  test.each([
    ['is put in its place', '{"n":"new"}', 1000, 'new'],
    ['is put in its place when nobody can tell which is newer', '{"n":"new"}', 0, 'new'],
    ['is dropped when it is not whole', '{"n":"ne', 1000, 'old'],
    ['is dropped when the file is newer', '{"n":"new"}', -1000, 'old'],
  ])('%s', (_what, content, ageMs, expected) => {
    leave(content, ageMs)
    expect(open().read('a.json')).toMatchObject({ fields: { n: expected } })
    expect(existsSync(placeFor(path, 'a.json').draft)).toBe(false)
  })

  test('is not touched while somebody writes it, and is found by the next change', async () => {
    leave('{"n":"new"}', 1000)
    const lock = tryLock(placeFor(path, 'a.json').lock)
    const folder = open()
    expect(folder.read('a.json')).toMatchObject({ fields: { n: 'old' } })
    lock?.release()
    let seen: unknown
    await folder.update('a.json', (fields) => {
      seen = fields['n']
      return undefined
    })
    expect(seen).toBe('new')
  })

  test.each([0, 5])('is put in the place of a file that was being filled, %i characters of it', (length) => {
    const content = '{"n":"new"}'
    leave(content, -1000)
    writeFileSync(join(path, 'a.json'), content.slice(0, length))
    expect(open().read('a.json')).toMatchObject({ fields: { n: 'new' } })
  })

  test('is put in the place of a file from before the clock was set back', async () => {
    put('a.json', '{"n":"old"}')
    const later = Date.now() / 1000 + 7200.0004
    utimesSync(join(path, 'a.json'), later, later)
    await failureOf(open({ onStep: endAtSynced }).update('a.json', () => ({ n: 'new' })))
    expect(open().read('a.json')).toMatchObject({ fields: { n: 'new' } })
  })

  test('of a file that was removed brings no login back', () => {
    leave('{"n":"new"}', 1000)
    rmSync(join(path, 'a.json'))
    expect(open().list()).toEqual([])
  })
})

describe('encryption', () => {
  const encryption = { env: 'KEY' }

  test('is undone by the same key, and shows nothing without it', async () => {
    await open({ encryption }).write('claude-a.json', MADE_UP.claude)
    expect(text('claude-a.json')).not.toMatch(/made-up|example|"type"/)
    expect(open({ encryption }).read('claude-a.json')).toEqual({
      name: 'claude-a.json',
      fields: MADE_UP.claude,
      isEncrypted: true,
    })
    expect(open().list()).toEqual([
      { name: 'claude-a.json', problem: 'it is encrypted, and auth-encryption in the config names no key' },
    ])
  })

  test('stretches the key once for all files, whoever writes them', async () => {
    await open({ encryption }).write('a.json', { n: 1 })
    await open({ encryption }).write('b.json', { n: 1 })
    const [a, b] = ['a.json', 'b.json'].map((name) => parseObject(text(name)))
    expect(a?.['stretch']).toBe(b?.['stretch'])
    for (const field of ['salt', 'nonce', 'data']) expect(a?.[field]).not.toBe(b?.[field])
  })

  test('takes the key from a file too, whatever white space ends it', async () => {
    const keyFile = join(dirname(path), 'key')
    writeFileSync(keyFile, 'a key for tests\n')
    await open({ encryption: { keyFile } }).write('a.json', { n: 1 })
    expect(open({ encryption }).read('a.json')).toMatchObject({ fields: { n: 1 } })
  })

  test.each([
    [{ env: 'NONE' }, 'there is no key in the environment variable NONE'],
    [{ keyFile: '/nowhere/key' }, 'there is no key in /nowhere/key'],
  ])('without a key (%j) is refused', (missing, message) => {
    expect(() => open({ encryption: missing })).toThrow(message)
  })

  test.each<[string, (file: Record<string, string>) => object]>([
    ['data', (file) => ({ ...file, data: `AAAA${file['data']?.slice(4)}` })],
    ['nonce', (file) => ({ ...file, nonce: 'AAAAAAAAAAAAAAAA' })],
    ['salt', (file) => ({ ...file, salt: 'AAAAAAAAAAAAAAAAAAAAAA==' })],
    ['stretching', (file) => ({ ...file, stretch: 'AAAAAAAAAAAAAAAAAAAAAA==' })],
    ['length', (file) => ({ ...file, data: 'AAAA' })],
    ['version', (file) => ({ ...file, version: 2 })],
  ])('tells when the %s was changed', async (_what, change) => {
    await open({ encryption }).write('a.json', { n: 1 })
    put('a.json', JSON.stringify(change(JSON.parse(text('a.json')))))
    expect(open({ encryption }).read('a.json')).toEqual({
      name: 'a.json',
      problem: expect.stringMatching(/changed or renamed|not complete|another version/),
    })
  })

  test('tells another key, and a file that was renamed', async () => {
    await open({ encryption }).write('a.json', { n: 1 })
    put('b.json', text('a.json'))
    const problem = expect.stringContaining('another key, or was changed or renamed')
    expect(open({ encryption }).read('b.json')).toEqual({ name: 'b.json', problem })
    expect(open({ encryption, environment: { KEY: 'other' } }).read('a.json')).toEqual({ name: 'a.json', problem })
  })

  test('lives beside files that are plain, and makes all the same on demand', async () => {
    const folder = open({ encryption })
    put('plain.json', '{"big":12345678901234567890}')
    await folder.write('secret.json', { n: 1 })
    expect(folder.list().map((entry) => 'isEncrypted' in entry && entry.isEncrypted)).toEqual([false, true])
    expect(await recryptFiles(folder, 'encrypted')).toEqual(['plain.json'])
    expect(text('plain.json')).not.toContain('123')
    expect(await recryptFiles(folder, 'plain')).toEqual(['plain.json', 'secret.json'])
    expect(text('plain.json')).toBe('{"big":12345678901234567890}\n')
    expect(await recryptFiles(folder, 'plain')).toEqual([])
    expect(await failureOf(recryptFiles(open(), 'encrypted'))).toContain('plain.json: there is no key to encrypt with')
  })
})
