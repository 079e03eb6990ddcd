import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson, readArray, readNumber, readObject, readObjects, readText } from '../lib/json.ts'

/** One rest of an account, as a running proxy wrote it down. Times are milliseconds since the epoch. */
export interface Rest {
  readonly accountId: string
  /** Absent: the whole account rests. */
  readonly model?: string
  readonly reason: string
  /** HTTP status of the upstream's answer; 0 when there was none. */
  readonly status: number
  readonly message: string
  readonly since: number
  readonly until: number
}

/**
 * Who rests now, by what a running proxy keeps in the folder of logins; nobody when the file is missing or broken.
 *
 * @param folder `auth-dir`.
 */
export function readRests(folder: string, now: number): readonly Rest[] {
  let text: string
  try {
    text = readFileSync(join(folder, '.cliproxy', 'standings.json'), 'utf8')
  } catch {
    return []
  }
  const whole = parseJson(text)
  const list = Array.isArray(whole) ? whole : Object.values(readObject(whole) ?? {}).flatMap(readArray)
  return readObjects(list).flatMap(({ accountId, model, standing }) => {
    const id = readText(accountId)
    const { state, reason, status, message, since, until } = readObject(standing) ?? {}
    const end = readNumber(until)
    if (id === undefined || state !== 'cooling' || end === undefined || end <= now) return []
    return [
      {
        accountId: id,
        model: readText(model),
        reason: readText(reason) ?? 'unknown',
        status: readNumber(status) ?? 0,
        message: readText(message) ?? '',
        since: readNumber(since) ?? 0,
        until: end,
      },
    ]
  })
}
