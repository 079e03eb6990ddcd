import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StandingRow } from '../../src/pool/pool.ts'
import { keepStandingsFile, readStandings, standingsPath } from '../../src/pool/standings-file.ts'

let path = ''
beforeEach(() => {
  path = standingsPath(mkdtempSync(join(tmpdir(), 'cliproxy-standings-')))
})
afterEach(() => rmSync(dirname(dirname(path)), { recursive: true, force: true }))

const ROW: StandingRow = {
  accountId: 'a1',
  model: 'm',
  standing: {
    state: 'cooling',
    reason: 'quota',
    status: 429,
    message: 'slow',
    since: 1,
    until: 1000,
    probeAt: 1000,
    level: 1,
  },
}
const NOTE = { accountId: 'a1', model: 'm', reason: 'quota', status: 429, message: 'slow', since: 1, until: 1000 }

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

test('what rests is written for others, until nothing rests or the program ends', async () => {
  jest.useFakeTimers()
  let rows: readonly StandingRow[] = []
  const end = keepStandingsFile({ path, standings: () => rows, report: (line) => expect(line).toBe('') })
  try {
    jest.advanceTimersByTime(5000)
    expect(existsSync(path)).toBe(false)
    rows = [ROW]
    jest.advanceTimersByTime(5000)
    jest.useRealTimers()
    await until(() => existsSync(path))
    expect(readStandings(path, 999)).toEqual([NOTE])
    expect(readStandings(path, 1000)).toEqual([])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  } finally {
    end()
  }
  expect(existsSync(path)).toBe(false)
})

test.each(['', '[]', '{"standings":[1,{"accountId":3},{"accountId":"a","until":"x"}]}'])(
  'a file that holds %j tells nothing',
  (text) => {
    const file = join(dirname(dirname(path)), 'standings.json')
    writeFileSync(file, text)
    expect(readStandings(file, 0)).toEqual([])
  },
)
