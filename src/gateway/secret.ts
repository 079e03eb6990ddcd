import { Fault } from '../ir/fault.ts'
import type { Failure, Tried } from './answer.ts'
import type { Try } from './try.ts'
import { faultWithoutSecret, unreachable } from './upstream.ts'

/**
 * Runs a try with the account's secret. Where that is the token of a login and the upstream refuses it, the login is
 * refreshed once and the try is run once more.
 *
 * @param run reads answers by {@link answering}, so that no fault repeats the secret.
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

/**
 * What the reading of an account's answer comes to. Whatever it throws is a failure of the account's own, and no fault
 * repeats the secret.
 */
export async function answering<T extends object>(
  { demand, lease }: Pick<Try, 'demand' | 'lease'>,
  secret: string,
  reading: Promise<T | Failure>,
): Promise<T | Failure> {
  try {
    const read = await reading
    return 'fault' in read ? { ...read, fault: faultWithoutSecret(read.fault, secret) } : read
  } catch (error) {
    const { label } = lease.candidate.account
    const fault = error instanceof Fault ? error : unreachable(error, label, demand.signal)
    return { fault: faultWithoutSecret(fault, secret) }
  }
}
