import { Fault } from '../ir/fault.ts'
import type { Tried } from './answer.ts'
import type { Try } from './try.ts'

/**
 * Runs a try with the account's secret. Where that is the token of a login and the upstream refuses it, the login is
 * refreshed once and the try is run once more.
 *
 * @param run gives no fault that repeats the secret.
 */
export function withSecret({ lease }: Try, run: (secret: string) => Promise<Tried>): Promise<Tried> {
  const { account } = lease.candidate
  return account.login ? runLoggedIn(account.login, run) : run(account.secret)
}

async function runLoggedIn(
  login: NonNullable<Try['lease']['candidate']['account']['login']>,
  run: (secret: string) => Promise<Tried>,
): Promise<Tried> {
  let token: string
  try {
    token = await login.token()
  } catch (error) {
    if (error instanceof Fault) return { fault: error }
    throw error
  }
  const tried = await run(token)
  if (!('fault' in tried) || tried.fault.status !== 401) return tried
  const another = await login.replacementFor(token)
  return another === undefined ? tried : await run(another)
}
