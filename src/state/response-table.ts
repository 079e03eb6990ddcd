import type { Database } from 'bun:sqlite'
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'

/** One answer and what was asked for it, in the JSON texts of its protocol. */
export interface KeptResponse {
  readonly id: string
  /** The answer that this one builds on. */
  readonly previous?: string
  /** What was said for it, beyond what the previous one knew. */
  readonly input: string
  readonly answer: string
  /** Ids of the pieces of the answer, by which later requests may name them. */
  readonly items: readonly string[]
}

/** How long, and in how much room, answers are kept; 0 of either: not at all. */
export interface StoreLimits {
  readonly ttlHours: number
  readonly megabytesMax: number
}

/** Where the answers are, in the store's folder. */
export const FILE = join('.cliproxy', 'responses.sqlite')

/** Milliseconds for which a write waits for another process. */
const BUSY_MS = 250
const TRIM_MS = 60_000
/** Answers that go at once, and their bytes, so that nobody is held up for long: more than are written at once. */
const TRIM_ROWS = 128
const TRIM_BYTES = 2 * 1024 * 1024
/** What the file needs for an answer beside its texts: keys, indexes, and what stays free of its last page. */
const ROW_BYTES = 1024
/** Bytes of the journal that stay when it was written back. */
const JOURNAL_BYTES = 4 * 1024 * 1024
/** Bytes that are written at once: streams of others wait meanwhile. */
const WRITE_BYTES = 512 * 1024
const HOUR_MS = 3_600_000
const MEGABYTE = 1024 * 1024

/** The index has the sizes, so that a sum of them reads no answer. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS responses (
    client TEXT NOT NULL, id TEXT NOT NULL, previous TEXT, bytes INTEGER NOT NULL, kept_at INTEGER NOT NULL,
    input TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (client, id)
  );
  CREATE INDEX IF NOT EXISTS responses_by_age_and_size ON responses (kept_at, bytes);
  CREATE TABLE IF NOT EXISTS items (
    client TEXT NOT NULL, id TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (client, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS items_by_response ON items (client, response);
  CREATE TRIGGER IF NOT EXISTS items_follow AFTER DELETE ON responses BEGIN
    DELETE FROM items WHERE client = old.client AND response = old.id;
  END;
`

/** What waits to be written. */
export interface Pending {
  readonly client: string
  readonly read: () => KeptResponse | undefined
}

/** The open file. */
export interface Table {
  /** Writes the first of them, as many as go at once, and tells how many. */
  write(entries: readonly Pending[], limits: StoreLimits): number
  /** Lets some of the oldest go for which there is no room or time any more; tells whether others are to follow. */
  trim(limits: StoreLimits): 'more' | 'done'
  find(client: string, id: string, since: number): KeptResponse | undefined
  findByItem(client: string, id: string, since: number): KeptResponse | undefined
  remove(client: string, id: string): boolean
  close(): void
}

/** Opens the file, which is made when it is not there. @throws whatever keeps the file from being opened. */
export async function openTable(folder: string, clock: () => number): Promise<Table> {
  const path = join(folder, FILE)
  mkdirSync(join(folder, '.cliproxy'), { recursive: true, mode: 0o700 })
  // The journals beside it get the same mode.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const { Database: open } = await import('bun:sqlite')
  const database = new open(path, { create: true, strict: true })
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    database.run('PRAGMA auto_vacuum = INCREMENTAL')
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = NORMAL')
    database.run(`PRAGMA journal_size_limit = ${JOURNAL_BYTES}`)
    database.run(SCHEMA)
    return createTable(database, clock)
  } catch (error) {
    database.close()
    throw error
  }
}

interface Row {
  readonly id: string
  readonly previous: string | null
  readonly input: string
  readonly answer: string
}

function createTable(database: Database, clock: () => number): Table {
  const insert = database.query<unknown, (string | number | null)[]>(
    'INSERT OR REPLACE INTO responses (client, id, previous, bytes, kept_at, input, answer) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertItem = database.query<unknown, string[]>(
    'INSERT OR REPLACE INTO items (client, id, response) VALUES (?, ?, ?)',
  )
  const select = database.query<Row, [string, string, number]>(
    'SELECT id, previous, input, answer FROM responses WHERE client = ? AND id = ? AND kept_at >= ?',
  )
  const selectItem = database.query<{ response: string }, [string, string]>(
    'SELECT response FROM items WHERE client = ? AND id = ?',
  )
  const room = createRoom(database, clock)
  const find = (client: string, id: string, since: number): KeptResponse | undefined => {
    const row = select.get(client, id, since)
    return row ? { ...row, previous: row.previous ?? undefined, items: [] } : undefined
  }
  const pages = (pragma: 'freelist_count' | 'page_count'): number =>
    database.query<{ count: number }, []>(`SELECT ${pragma} AS count FROM pragma_${pragma}`).get()?.count ?? 0
  const add = database.transaction((entries: readonly Pending[], bytesMax: number): number => {
    let [count, written] = [0, 0]
    for (const { client, read } of entries) {
      if (written >= WRITE_BYTES) break
      count++
      const kept = read()
      if (!kept) continue
      const { id, previous, input, answer, items } = kept
      const bytes = Buffer.byteLength(input) + Buffer.byteLength(answer) + ROW_BYTES
      if (bytes > bytesMax) continue
      insert.run(client, id, previous ?? null, bytes, clock(), input, answer)
      written += bytes
      room.take(bytes)
      for (const item of items) insertItem.run(client, item, id)
    }
    return count
  })
  return {
    write: (entries, { megabytesMax }) => (entries.length === 0 ? 0 : add(entries, megabytesMax * MEGABYTE)),
    trim: room.trim,
    find,
    findByItem(client, id, since) {
      const row = selectItem.get(client, id)
      return row ? find(client, row.response, since) : undefined
    },
    remove: (client, id) => database.run('DELETE FROM responses WHERE client = ? AND id = ?', [client, id]).changes > 0,
    close() {
      // While the program runs, room that is free is used again: to give it back would hold everybody up.
      const [free, all] = [pages('freelist_count'), pages('page_count')]
      if (free > all / 2) database.run('PRAGMA incremental_vacuum')
      database.close()
    },
  }
}

/** Counts what the answers take, and lets the oldest go. */
function createRoom(database: Database, clock: () => number): Pick<Table, 'trim'> & { take(bytes: number): void } {
  const selectOldest = database.query<{ place: number; bytes: number; keptAt: number }, []>(
    `SELECT rowid AS place, bytes, kept_at AS keptAt FROM responses ORDER BY rowid LIMIT ${TRIM_ROWS}`,
  )
  const sum = database.query<{ bytes: number | null }, []>('SELECT sum(bytes) AS bytes FROM responses')
  let total = sum.get()?.bytes ?? 0
  let trimmedAt = 0
  let rest: 'more' | 'done' = 'done'
  const removePlace = database.query<unknown, [number]>('DELETE FROM responses WHERE rowid = ?')
  /** Of the oldest answers those that must go; their places follow each other as they were kept. */
  const removeOldest = database.transaction((since: number, bytesMax: number): 'more' | 'done' => {
    let [removed, removedBytes] = [0, 0]
    for (const { place, bytes, keptAt } of selectOldest.all()) {
      if (total <= bytesMax && keptAt >= since) return 'done'
      if (removedBytes >= TRIM_BYTES) return 'more'
      removePlace.run(place)
      total -= bytes
      removed++
      removedBytes += bytes
    }
    return removed < TRIM_ROWS ? 'done' : 'more'
  })
  return {
    take(bytes) {
      total += bytes
    },
    trim({ ttlHours, megabytesMax }) {
      const now = clock()
      const isFull = total > megabytesMax * MEGABYTE
      const isDue = now - trimmedAt >= TRIM_MS
      if (!isFull && !isDue && rest === 'done') return 'done'
      if (isDue) {
        trimmedAt = now
        // Other processes write here too.
        total = sum.get()?.bytes ?? 0
      }
      rest = removeOldest(now - ttlHours * HOUR_MS, megabytesMax * MEGABYTE)
      return rest
    },
  }
}
