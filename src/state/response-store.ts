import { join } from 'node:path'
import { errorText } from '../lib/error-text.ts'
import { FILE, openTable, type KeptResponse, type Pending, type StoreLimits, type Table } from './response-table.ts'

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
/** Beyond so many, others have to wait after all. */
const BACKLOG_MAX = 64
/** A file that could not be opened is tried again: another process may have held it. */
const REOPEN_MS = 60_000
const HOUR_MS = 3_600_000
/** After how long the next answers go that there is no room for. */
const TRIM_AGAIN_MS = 100

/** A store in `responses.sqlite` of the folder, which is opened when it is first needed. */
export function createResponseStore({ folder, limits, clock, report }: ResponseStoreOptions): ResponseStore {
  let pending: Pending[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const fail = createReporter(folder, report)
  const opener = createOpener(
    () => openTable(folder, clock),
    clock,
    (error) => fail('keep', error),
  )
  const isOn = (): boolean => limits().ttlHours > 0 && limits().megabytesMax > 0
  const writeAfter = (ms: number): void => {
    timer ??= setTimeout(() => void written(false), ms).unref()
  }
  /** The table, with everything written that was to be kept when somebody asks, else with some of it. */
  const written = async (isAsked = true): Promise<Table | undefined> => {
    clearTimeout(timer)
    timer = undefined
    if (!isOn()) {
      pending = []
      return undefined
    }
    const table = await opener.open()
    if (!table) {
      pending = []
      return undefined
    }
    try {
      do pending = pending.slice(table.write(pending, limits()))
      while (pending.length > (isAsked ? 0 : BACKLOG_MAX))
      if (pending.length > 0) writeAfter(0)
      if (table.trim(limits()) === 'more') writeAfter(TRIM_AGAIN_MS)
    } catch (error) {
      pending = []
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
      if (pending.length === PENDING_MAX) setImmediate(() => void written(false))
      writeAfter(WRITE_MS)
    },
    find: (client, id) => ask((table, since) => table.find(scopeOf(client), id, since)),
    findByItem: (client, id) => ask((table, since) => table.findByItem(scopeOf(client), id, since)),
    remove: async (client, id) => (await ask((table) => table.remove(scopeOf(client), id))) ?? false,
    async close() {
      if (pending.length > 0) await written()
      clearTimeout(timer)
      timer = undefined
      await opener.close()
    },
  }
}

/** Whose an answer is, without the key that says so. */
function scopeOf(client: string): string {
  return new Bun.CryptoHasher('sha256').update(client).digest('hex').slice(0, 32)
}

/** Tells the first failure. */
function createReporter(folder: string, report: (message: string) => void): (doing: string, error: unknown) => void {
  let hasFailed = false
  return (doing, error) => {
    if (hasFailed) return
    hasFailed = true
    const reason = errorText(error)
    report(`cannot ${doing} answers in ${join(folder, FILE)}: ${reason}; previous_response_id may not be known`)
  }
}

/** The table, opened once; one that could not be opened is tried again after a while. */
function createOpener(
  openOnce: () => Promise<Table>,
  clock: () => number,
  onFailure: (error: unknown) => void,
): { open(): Promise<Table | undefined>; close(): Promise<void> } {
  let opening: Promise<Table | undefined> | undefined
  let reopenAt = Infinity
  const attempt = async (): Promise<Table | undefined> => {
    try {
      return await openOnce()
    } catch (error) {
      onFailure(error)
      reopenAt = clock() + REOPEN_MS
      return undefined
    }
  }
  return {
    open() {
      if (clock() >= reopenAt) {
        opening = undefined
        reopenAt = Infinity
      }
      return (opening ??= attempt())
    },
    async close() {
      const table = await opening
      opening = undefined
      table?.close()
    },
  }
}
