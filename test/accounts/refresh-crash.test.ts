import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAuthFolder } from '../../src/accounts/files/auth-folder.ts'
import { openLoginBook } from '../../src/accounts/open-login-book.ts'
import { loadConfig } from '../../src/config/load.ts'
import { standInVendor, startTokenEndpoint, type TokenEndpoint } from './stand-in.ts'

const FILE = 'claude-a@example.com.json'
const CHILD = join(import.meta.dir, 'refresh-child.ts')

let path = ''
let endpoint: TokenEndpoint
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cliproxy-crash-'))
  endpoint = startTokenEndpoint()
  const expired = '2020-01-01T00:00:00Z'
  const tokens = { access_token: 'access-made-up', refresh_token: endpoint.first, expired }
  writeFileSync(join(path, FILE), JSON.stringify({ type: 'claude', note: 'kept', ...tokens }))
})
afterEach(async () => {
  await endpoint.stop()
  rmSync(path, { recursive: true, force: true })
})

interface Child {
  readonly process: ChildProcess
  readonly lines: () => readonly string[]
  readonly ended: Promise<NodeJS.Signals | number | null>
}

function startChild(lastStep = ''): Child {
  const child = spawn(process.execPath, [CHILD, path, endpoint.url, lastStep], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  )
  return { process: child, lines: () => out.split('\n').filter((line) => line !== ''), ended }
}

/** What a program that starts now gets for a request. */
async function tokenOfNewBook(): Promise<string | undefined> {
  const { config } = await loadConfig(undefined, { HOME: path }, { folder: path })
  const book = openLoginBook({
    folder: openAuthFolder({ path, environment: {} }),
    config: () => config,
    loadVendor: standInVendor(endpoint.url),
    clock: Date.now,
    report: (line) => {
      throw new Error(line)
    },
    isLive: false,
  })
  const token = await book.accounts()[0]?.login?.token()
  await book.close()
  return token
}

async function expire(): Promise<void> {
  await openAuthFolder({ path, environment: {} }).update(FILE, (fields) => ({
    ...fields,
    expired: '2020-01-01T00:00:00Z',
  }))
}

test.each(['asking', 'answered', 'drafted', 'synced', 'placed', 'folder-synced', 'done'])(
  'a process that is killed when it is %s leaves a login that goes on',
  async (step) => {
    expect(await startChild(step).ended).toBe('SIGKILL')
    const token = await tokenOfNewBook()
    expect(endpoint.isGood(token ?? '')).toBe(true)
    // What is on the disk is worth as much as what was handed out.
    for (let round = 0; round < 2; round++) {
      await expire()
      const next = await tokenOfNewBook()
      expect(next).not.toBe(token)
      expect(endpoint.isGood(next ?? '')).toBe(true)
    }
    expect(openAuthFolder({ path, environment: {} }).read(FILE)).toMatchObject({
      fields: { note: 'kept', type: 'claude' },
    })
  },
)

test('from the draft on, nothing that the vendor gave is asked for again', async () => {
  await startChild('drafted').ended
  await tokenOfNewBook()
  expect(endpoint.asked).toEqual([endpoint.first])
})

test('processes that need the same token make one refresh', async () => {
  const release = endpoint.hold()
  const asked = endpoint.nextAsk()
  const children = [startChild(), startChild(), startChild()]
  await asked
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (child.lines().includes('ready')) resolve()
          }
          child.process.stdout?.on('data', look)
          look()
        }),
    ),
  )
  release()
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0])
  expect(children.map(({ lines }) => lines()[1])).toEqual(Array(3).fill('access-1-made-up'))
  expect(endpoint.asked).toEqual([endpoint.first])
})

test('a process that dies while it refreshes lets the next one refresh at once', async () => {
  const release = endpoint.hold()
  const asked = endpoint.nextAsk()
  const first = startChild()
  await asked
  const second = startChild()
  first.process.kill('SIGKILL')
  await first.ended
  release()
  expect(await second.ended).toBe(0)
  expect(endpoint.isGood(second.lines()[1] ?? '')).toBe(true)
})
