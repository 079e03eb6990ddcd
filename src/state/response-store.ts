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

/** Answers that later requests build on, kept over restarts. What one client asked, no other one sees. */
export interface ResponseStore {
  /** False: nothing is kept, and nothing is known. */
  readonly isOn: () => boolean
  /** Keeps what `read` gives, once the answer is on its way. Never throws. */
  keep(client: string, read: () => KeptResponse | undefined): void
  find(client: string, id: string): Promise<KeptResponse | undefined>
  /** The answer in which a piece of this id stands. */
  findByItem(client: string, itemId: string): Promise<KeptResponse | undefined>
  /** False when it is not known. */
  remove(client: string, id: string): Promise<boolean>
  /** Writes what is still to be written and lets go of the file. */
  close(): Promise<void>
}

export interface ResponseStoreOptions {
  /** Absolute; made when something is to be kept. */
  readonly folder: string
  readonly limits: () => StoreLimits
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Takes a failure, once. */
  readonly report: (message: string) => void
}

/** Answers are written together: what a write costs is its transaction. Whoever asks before sees them all the same. */
const WRITE_MS = 50
/** So many do not wait for others: nobody is to be held up for long. */
const PENDING_MAX = 16
/** Milliseconds for which a write waits for another process. */
const BUSY_MS = 250
const TRIM_MS = 60_000
/** Answers that go at once when the room is used up. */
const TRIM_ROWS = 32
const HOUR_MS = 3_600_000
const MEGABYTE = 1024 * 1024

/**
 * The sizes stand before the texts, so that a sum of them reads no text.
 *
 * @see https://www.sqlite.org/fileformat2.html#record_format
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS responses (
    client TEXT NOT NULL, id TEXT NOT NULL, previous TEXT, bytes INTEGER NOT NULL, kept_at INTEGER NOT NULL,
    input TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (client, id)
  );
  CREATE INDEX IF NOT EXISTS responses_by_age ON responses (kept_at);
  CREATE TABLE IF NOT EXISTS items (
    client TEXT NOT NULL, id TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (client, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS items_by_response ON items (client, response);
  CREATE TRIGGER IF NOT EXISTS items_follow AFTER DELETE ON responses BEGIN
    DELETE FROM items WHERE client = old.client AND response = old.id;
  END;
`

/** What waits to be written. */
interface Pending {
  readonly client: string
  readonly read: () => KeptResponse | undefined
}

/** A store in `responses.sqlite` of the folder, which is opened when it is first needed. */
export function createResponseStore({ folder, limits, clock, report }: ResponseStoreOptions): ResponseStore {
  let opening: Promise<Table | undefined> | undefined
  let pending: Pending[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let hasFailed = false
  const fail = (doing: string, error: unknown): void => {
    if (hasFailed) return
    hasFailed = true
    const reason = error instanceof Error ? error.message : String(error)
    report(`cannot ${doing} answers in ${join(folder, FILE)}: ${reason}; previous_response_id may not be known`)
  }
  const open = (): Promise<Table | undefined> =>
    (opening ??= openTable(folder, clock).catch((error: unknown) => {
      fail('keep', error)
      return undefined
    }))
  const isOn = (): boolean => limits().ttlHours > 0 && limits().megabytesMax > 0
  /** The table with everything written that was to be kept. */
  const written = async (): Promise<Table | undefined> => {
    clearTimeout(timer)
    timer = undefined
    if (!isOn()) {
      pending = []
      return undefined
    }
    const table = await open()
    const waiting = pending
    pending = []
    if (waiting.length === 0) return table
    try {
      table?.write(waiting, limits())
    } catch (error) {
      fail('keep', error)
    }
    return table
  }
  const ask = async <T>(question: (table: Table, since: number) => T): Promise<T | undefined> => {
    const table = await written()
    try {
      return table && question(table, clock() - limits().ttlHours * HOUR_MS)
    } catch (error) {
      fail('read', error)
      return undefined
    }
  }
  return {
    isOn,
    keep(client, read) {
      if (!isOn()) return
      pending.push({ client: scopeOf(client), read })
      if (pending.length === PENDING_MAX) setImmediate(() => void written())
      timer ??= setTimeout(() => void written(), WRITE_MS).unref()
    },
    find: (client, id) => ask((table, since) => table.find(scopeOf(client), id, since)),
    findByItem: (client, id) => ask((table, since) => table.findByItem(scopeOf(client), id, since)),
    remove: async (client, id) => (await ask((table) => table.remove(scopeOf(client), id))) ?? false,
    async close() {
      if (pending.length > 0) await written()
      clearTimeout(timer)
      const table = await opening
      opening = undefined
      table?.close()
    },
  }
}

const FILE = join('.cliproxy', 'responses.sqlite')

/** Whose an answer is, without the key that says so. */
function scopeOf(client: string): string {
  return new Bun.CryptoHasher('sha256').update(client).digest('hex').slice(0, 32)
}

/** The open file. */
interface Table {
  write(entries: readonly Pending[], limits: StoreLimits): void
  find(client: string, id: string, since: number): KeptResponse | undefined
  findByItem(client: string, id: string, since: number): KeptResponse | undefined
  remove(client: string, id: string): boolean
  close(): void
}

/** @throws whatever keeps the file from being opened. */
async function openTable(folder: string, clock: () => number): Promise<Table> {
  const path = join(folder, FILE)
  mkdirSync(join(folder, '.cliproxy'), { recursive: true, mode: 0o700 })
  // The journals beside it get the same mode.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const { Database: open } = await import('bun:sqlite')
  const database = new open(path, { create: true, strict: true })
  database.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
  database.run('PRAGMA auto_vacuum = INCREMENTAL')
  database.run('PRAGMA journal_mode = WAL')
  database.run('PRAGMA synchronous = NORMAL')
  database.run(SCHEMA)
  return createTable(database, clock)
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
  const sum = database.query<{ bytes: number | null }, []>('SELECT sum(bytes) AS bytes FROM responses')
  let total = sum.get()?.bytes ?? 0
  let trimmedAt = 0
  const find = (client: string, id: string, since: number): KeptResponse | undefined => {
    const row = select.get(client, id, since)
    return row ? { ...row, previous: row.previous ?? undefined, items: [] } : undefined
  }
  const trim = ({ ttlHours, megabytesMax }: StoreLimits): void => {
    const now = clock()
    const isFull = total > megabytesMax * MEGABYTE
    if (!isFull && now - trimmedAt < TRIM_MS) return
    trimmedAt = now
    database.run('DELETE FROM responses WHERE kept_at < ?', [now - ttlHours * HOUR_MS])
    // Other processes write here too.
    total = sum.get()?.bytes ?? 0
    while (total > megabytesMax * MEGABYTE) {
      database.run(
        `DELETE FROM responses WHERE rowid IN (SELECT rowid FROM responses ORDER BY kept_at, rowid LIMIT ${TRIM_ROWS})`,
      )
      total = sum.get()?.bytes ?? 0
    }
  }
  const pages = (pragma: 'freelist_count' | 'page_count'): number =>
    database.query<{ count: number }, []>(`SELECT ${pragma} AS count FROM pragma_${pragma}`).get()?.count ?? 0
  const add = database.transaction((entries: readonly Pending[]) => {
    for (const { client, read } of entries) {
      const kept = read()
      if (!kept) continue
      const { id, previous, input, answer, items } = kept
      const bytes = input.length + answer.length
      insert.run(client, id, previous ?? null, bytes, clock(), input, answer)
      total += bytes
      for (const item of items) insertItem.run(client, item, id)
    }
  })
  return {
    write(entries, limits) {
      add(entries)
      trim(limits)
    },
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
