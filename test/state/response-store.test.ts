import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createResponseStore, type ResponseStore } from '../../src/state/response-store.ts'
import type { KeptResponse } from '../../src/state/response-table.ts'

const HOUR_MS = 3_600_000
const MEGABYTE = 1024 * 1024
const ALICE = 'key-of-alice'
const BOB = 'key-of-bob'

let folder: string
let now: number
let limits: { ttlHours: number; megabytesMax: number }
let reports: string[]
let store: ResponseStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-store-'))
  now = 1_700_000_000_000
  limits = { ttlHours: 24, megabytesMax: 4 }
  reports = []
  store = open()
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(): ResponseStore {
  return createResponseStore({
    folder,
    limits: () => limits,
    clock: () => now,
    report: (message) => void reports.push(message),
  })
}

function kept(id: string, own: Partial<KeptResponse> = {}): KeptResponse {
  return { id, input: '"Hi"', answer: JSON.stringify({ id, output: [] }), items: [], ...own }
}

function keep(client: string, response: KeptResponse): void {
  store.keep(client, () => response)
}

describe('the store of answers', () => {
  test('knows at once what was kept, to its own client alone', async () => {
    keep(ALICE, kept('resp_1', { previous: 'resp_0' }))
    expect(await store.find(ALICE, 'resp_1')).toMatchObject({ id: 'resp_1', previous: 'resp_0', input: '"Hi"' })
    expect(await store.find(BOB, 'resp_1')).toBeUndefined()
    expect(await store.find(ALICE, 'resp_2')).toBeUndefined()
  })

  test('knows it after a restart', async () => {
    keep(ALICE, kept('resp_1'))
    await store.close()
    store = open()
    expect(await store.find(ALICE, 'resp_1')).toMatchObject({ id: 'resp_1' })
  })

  test('two processes on one folder see each other’s', async () => {
    const other = open()
    keep(ALICE, kept('resp_1'))
    await store.find(ALICE, 'resp_1')
    expect(await other.find(ALICE, 'resp_1')).toMatchObject({ id: 'resp_1' })
    other.keep(ALICE, () => kept('resp_2'))
    await other.find(ALICE, 'resp_2')
    expect(await store.find(ALICE, 'resp_2')).toMatchObject({ id: 'resp_2' })
    await other.close()
  })

  test('finds an answer by a piece of it', async () => {
    keep(ALICE, kept('resp_1', { items: ['msg_1', 'rs_1'] }))
    expect(await store.findByItem(ALICE, 'rs_1')).toMatchObject({ id: 'resp_1' })
    expect(await store.findByItem(BOB, 'rs_1')).toBeUndefined()
    await store.remove(ALICE, 'resp_1')
    expect(await store.findByItem(ALICE, 'rs_1')).toBeUndefined()
  })

  test('forgets what it is told to, once, and only for its own client', async () => {
    keep(ALICE, kept('resp_1'))
    expect(await store.remove(BOB, 'resp_1')).toBe(false)
    expect(await store.remove(ALICE, 'resp_1')).toBe(true)
    expect(await store.remove(ALICE, 'resp_1')).toBe(false)
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
  })

  test('forgets what is too old', async () => {
    keep(ALICE, kept('resp_1'))
    await store.find(ALICE, 'resp_1')
    now += 24 * HOUR_MS
    expect(await store.find(ALICE, 'resp_1')).toBeDefined()
    now += 1
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
  })

  test('forgets the oldest when there is no more room', async () => {
    const answer = JSON.stringify({ text: 'x'.repeat(100 * 1024) })
    for (let at = 0; at < 200; at++) {
      now += 1000
      keep(ALICE, kept(`resp_${at}`, { answer }))
      await store.find(ALICE, 'resp_0')
    }
    expect(await store.find(ALICE, 'resp_0')).toBeUndefined()
    expect(await store.find(ALICE, 'resp_199')).toBeDefined()
    await store.close()
    expect(statSync(join(folder, '.cliproxy', 'responses.sqlite')).size).toBeLessThan(8 * MEGABYTE)
    store = open()
    expect(await store.find(ALICE, 'resp_199')).toBeDefined()
  })

  test('gives the room back that it no longer needs', async () => {
    for (let at = 0; at < 30; at++) keep(ALICE, kept(`resp_${at}`, { answer: JSON.stringify('x'.repeat(100 * 1024)) }))
    await store.find(ALICE, 'resp_0')
    now += 25 * HOUR_MS
    keep(ALICE, kept('resp_last'))
    await store.close()
    expect(statSync(join(folder, '.cliproxy', 'responses.sqlite')).size).toBeLessThan(MEGABYTE)
    store = open()
    expect(await store.find(ALICE, 'resp_last')).toBeDefined()
  })

  test.each([
    ['wide letters', '漢'.repeat(40_000), 100],
    ['next to nothing', '', 8000],
  ])('takes no more room than it has for answers of %s', async (_name, text, count) => {
    const answer = JSON.stringify({ text })
    for (let at = 0; at < count; at++) {
      keep(ALICE, kept(`resp_${at}`, { answer, items: [`msg_${at}`] }))
      if (at % 2 === 0) await store.find(ALICE, 'resp_0')
    }
    expect(await store.find(ALICE, `resp_${count - 1}`)).toBeDefined()
    expect(await store.find(ALICE, 'resp_0')).toBeUndefined()
    await store.close()
    expect(statSync(join(folder, '.cliproxy', 'responses.sqlite')).size).toBeLessThan(4.5 * MEGABYTE)
  })

  test('does not write at all what is larger than its room', async () => {
    keep(ALICE, kept('resp_1'))
    keep(ALICE, kept('resp_2', { answer: JSON.stringify('x'.repeat(5 * MEGABYTE)) }))
    expect(await store.find(ALICE, 'resp_2')).toBeUndefined()
    expect(await store.find(ALICE, 'resp_1')).toBeDefined()
    const own = join(folder, '.cliproxy')
    for (const name of readdirSync(own)) expect(statSync(join(own, name)).size).toBeLessThan(MEGABYTE)
  })

  test('lets many go in steps when it gets less room', async () => {
    for (let at = 0; at < 500; at++) keep(ALICE, kept(`resp_${at}`, { answer: JSON.stringify('x'.repeat(5000)) }))
    expect(await store.find(ALICE, 'resp_0')).toBeDefined()
    limits = { ttlHours: 24, megabytesMax: 1 }
    expect(await store.find(ALICE, 'resp_499')).toBeDefined()
    expect(await store.find(ALICE, 'resp_300')).toBeDefined()
    while (await store.find(ALICE, 'resp_300')) await new Promise(setImmediate)
    expect(await store.find(ALICE, 'resp_499')).toBeDefined()
  })

  test('is tried again when its file could not be opened', async () => {
    mkdirSync(join(folder, '.cliproxy', 'responses.sqlite'), { recursive: true })
    keep(ALICE, kept('resp_1'))
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
    rmSync(join(folder, '.cliproxy'), { recursive: true })
    keep(ALICE, kept('resp_2'))
    expect(await store.find(ALICE, 'resp_2')).toBeUndefined()
    now += 60_000
    keep(ALICE, kept('resp_3'))
    expect(await store.find(ALICE, 'resp_3')).toBeDefined()
    expect(reports).toHaveLength(1)
  })

  test('no other user can read its files', async () => {
    keep(ALICE, kept('resp_1'))
    await store.find(ALICE, 'resp_1')
    const own = join(folder, '.cliproxy')
    expect(readdirSync(own)).toContain('responses.sqlite')
    for (const name of readdirSync(own)) expect(statSync(join(own, name)).mode & 0o077).toBe(0)
  })

  test('does not hold the client’s key', async () => {
    keep(ALICE, kept('resp_1'))
    await store.close()
    const own = join(folder, '.cliproxy')
    for (const name of readdirSync(own)) expect(await Bun.file(join(own, name)).text()).not.toContain(ALICE)
  })

  test.each([
    { ttlHours: 0, megabytesMax: 4 },
    { ttlHours: 24, megabytesMax: 0 },
  ])('keeps nothing and makes no file when it is off (%o)', async (off) => {
    limits = off
    keep(ALICE, kept('resp_1'))
    expect(store.isOn()).toBe(false)
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
  })

  test('what waits to be written when it is turned off is forgotten', async () => {
    keep(ALICE, kept('resp_1'))
    limits = { ttlHours: 0, megabytesMax: 4 }
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
    limits = { ttlHours: 24, megabytesMax: 4 }
    keep(ALICE, kept('resp_2'))
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
    expect(await store.find(ALICE, 'resp_2')).toBeDefined()
  })

  test('what nobody asks for is written all the same', async () => {
    const answer = JSON.stringify('x'.repeat(100 * 1024))
    limits = { ttlHours: 24, megabytesMax: 32 }
    for (let at = 0; at < 100; at++) keep(ALICE, kept(`resp_${at}`, { answer }))
    const other = open()
    while (!(await other.find(ALICE, 'resp_99'))) await new Promise(setImmediate)
    expect(await other.find(ALICE, 'resp_0')).toBeDefined()
    await other.close()
  })

  test('a file that is none is told of once, and nobody is bothered', async () => {
    mkdirSync(join(folder, '.cliproxy'))
    writeFileSync(join(folder, '.cliproxy', 'responses.sqlite'), 'no database at all'.repeat(1000))
    keep(ALICE, kept('resp_1'))
    expect(await store.find(ALICE, 'resp_1')).toBeUndefined()
    keep(ALICE, kept('resp_2'))
    expect(await store.find(ALICE, 'resp_2')).toBeUndefined()
    expect(reports).toEqual([expect.stringContaining('responses.sqlite')])
  })
})
