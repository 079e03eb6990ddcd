import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { errorText } from '../lib/error-text.ts'
import { parseObject, readNumber, readObjects, readText } from '../lib/json.ts'
import { writeFileAtomically } from '../lib/write-file.ts'
import type { StandingRow } from './pool.ts'
import { readFileIfAny } from '../lib/read-file.ts'

/** One account, or one of its models, that rests, as another process tells it. */
export interface StandingNote {
  readonly accountId: string
  /** Absent: all models of the account. */
  readonly model?: string
  /** The kind of failure that it rests after. */
  readonly reason: string
  /** HTTP status of the upstream's answer. */
  readonly status: number
  /** The beginning of what the upstream said. */
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly until: number
}

export interface StandingsFileOptions {
  readonly path: string
  readonly standings: () => readonly StandingRow[]
  /** Takes one line for the log. */
  readonly report: (line: string) => void
}

/** The file is written no more often than this. */
const WRITE_MS = 5000

/** Where a running proxy tells what rests. @param authDir the folder of auth files */
export function standingsPath(authDir: string): string {
  return join(authDir, '.cliproxy', 'standings.json')
}

/** Keeps the file in step with what rests; there is none while nothing does. @returns a function that ends this */
export function keepStandingsFile({ path, standings, report }: StandingsFileOptions): () => void {
  let written = ''
  let isWriting = false
  let isEnded = false
  const remove = (): void => {
    try {
      rmSync(path, { force: true })
    } catch {
      // What it says is over by itself.
    }
  }
  const look = async (): Promise<void> => {
    const rows = standings()
    const text = rows.length === 0 ? '' : `${JSON.stringify({ standings: rows.map(noteOf) })}\n`
    if (text === written || isWriting) return
    written = text
    if (text === '') {
      remove()
      return
    }
    isWriting = true
    try {
      await writeFileAtomically(path, text)
      if (isEnded) remove()
    } catch (error) {
      report(`what rests could not be written to ${path}: ${errorText(error)}`)
    } finally {
      isWriting = false
    }
  }
  const timer = setInterval(() => void look(), WRITE_MS)
  timer.unref()
  return () => {
    isEnded = true
    clearInterval(timer)
    if (written !== '') remove()
  }
}

/** What rests in the proxy that runs with this folder; of one that was killed, what is not over. @param now milliseconds since the epoch */
export function readStandings(path: string, now: number): readonly StandingNote[] {
  return readObjects(parseObject(readFileIfAny(path) ?? '')?.['standings']).flatMap((row) => {
    const { accountId, model, reason, status, message, since, until } = row
    const id = readText(accountId)
    const end = readNumber(until)
    if (id === undefined || end === undefined || end <= now) return []
    return [
      {
        accountId: id,
        model: readText(model),
        reason: readText(reason) ?? '',
        status: readNumber(status) ?? 0,
        message: readText(message) ?? '',
        since: readNumber(since) ?? 0,
        until: end,
      },
    ]
  })
}

function noteOf({ accountId, model, standing }: StandingRow): StandingNote {
  const { reason, status, message, since, until } = standing
  return { accountId, model, reason, status, message, since, until }
}
