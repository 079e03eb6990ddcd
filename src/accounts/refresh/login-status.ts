import { rmSync } from 'node:fs'
import { type Fields, parseObject, readNumber, readText } from '../../lib/json.ts'
import { writeFileAtomically } from '../../lib/write-file.ts'
import { placeFor } from '../files/auth-place.ts'
import type { TokenSet } from '../oauth/vendor.ts'
import { readFileIfAny } from '../../lib/read-file.ts'

/** How a refresh of a login failed, kept for other processes; no secret is in it. */
export interface LoginStatus {
  readonly state: 'refresh-failed' | 'log-in-again'
  /** For people. */
  readonly message?: string
  /** Milliseconds since the epoch. */
  readonly lastRefreshAt?: number
  /** Whose state it is: another login under the same name has another mark. */
  readonly mark: string
}

/** Tells one login from the next: a part of a hash, from which no token can be had. */
export function markFor({ refreshToken, accessToken }: TokenSet, fields: Fields): string {
  const account = fields['service_account']
  return new Bun.CryptoHasher('sha256')
    .update(account === undefined ? (refreshToken ?? accessToken) : JSON.stringify(account))
    .digest('hex')
    .slice(0, 16)
}

/** The status of the login with this mark; none when it is another one's, or cannot be read. */
export function readStatus(folder: string, name: string, mark: string): LoginStatus | undefined {
  const fields = parseObject(readFileIfAny(placeFor(folder, name).status) ?? '') ?? {}
  const state = (['refresh-failed', 'log-in-again'] as const).find((known) => known === fields['state'])
  if (state === undefined || fields['mark'] !== mark) return undefined
  return { state, message: readText(fields['message']), lastRefreshAt: readNumber(fields['lastRefreshAt']), mark }
}

/** @throws {Error} of the file system. */
export async function writeStatus(folder: string, name: string, status: LoginStatus): Promise<void> {
  await writeFileAtomically(placeFor(folder, name).status, `${JSON.stringify({ name, ...status })}\n`)
}

/** Forgets the status of a file that is gone. */
export function removeStatus(folder: string, name: string): void {
  try {
    rmSync(placeFor(folder, name).status, { force: true })
  } catch {
    // It says nothing about another login: that has another mark.
  }
}
