import type { Listener } from '../probe-listener.ts'
import type { Finding } from './finding.ts'

export interface PortFacts {
  readonly origin: string
  readonly port: number
  readonly listener: Listener
  /** Why this program could not listen there, when nobody else does. */
  readonly bindFailure?: string
}

/** Whether the port is free, or taken by whom. */
export function judgePort({ origin, port, listener, bindFailure }: PortFacts): readonly Finding[] {
  const subject = 'port'
  if (port === 0) return [{ level: 'ok', subject, text: 'any free one' }]
  switch (listener.kind) {
    case 'proxy':
      return [{ level: 'ok', subject, text: `cliproxy ${listener.version} listens at ${origin}` }]
    case 'temporary':
      return [{ level: 'note', subject, text: `a proxy of cliproxy run has ${origin} until its client ends` }]
    case 'other':
      return [{ level: 'problem', subject, text: `another program has ${origin}`, mend: 'end it, or set another port' }]
    case 'nobody':
      if (bindFailure === undefined)
        return [{ level: 'ok', subject, text: `${origin} is free; cliproxy listens there` }]
      return [{ level: 'problem', subject, text: `${origin}: ${bindFailure}`, mend: 'set another host or port' }]
  }
}

export interface ClockFacts {
  /** Upstreams that could be asked. */
  readonly asked: number
  /** How far this clock is ahead of an upstream's; absent: none answered. */
  readonly skewMs?: number
}

const SKEW_MS_MAX = 60_000

/** Whether the clock is right: logins expire by it. */
export function judgeClock({ asked, skewMs }: ClockFacts): readonly Finding[] {
  const subject = 'clock'
  if (skewMs === undefined) {
    const text =
      asked === 0 ? 'there is no upstream to compare it with' : 'no upstream could be reached to compare it with'
    return [{ level: 'note', subject, text }]
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (Math.abs(skewMs) <= SKEW_MS_MAX)
    return [{ level: 'ok', subject, text: `within ${Math.max(1, seconds)} s of an upstream’s` }]
  return [
    {
      level: 'warning',
      subject,
      text: `${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} an upstream’s; logins would be refreshed at the wrong time`,
      mend: 'set the clock, by NTP at best',
    },
  ]
}

export interface MachineFacts {
  readonly platform: string
  readonly hasProc: boolean
  /** On the disk of auth-dir; absent: nobody knows. */
  readonly freeBytes?: number
  /** What `BUN_CONFIG_MAX_HTTP_REQUESTS` says. */
  readonly fetchLimit?: string
}

const MEGABYTE = 1024 * 1024
const FREE_BYTES_LOW = 1024 * MEGABYTE
const FREE_BYTES_MIN = 50 * MEGABYTE
const REQUESTS_LOW = 1024

/** What the program needs of the machine. */
export function judgeMachine({ platform, hasProc, freeBytes, fetchLimit }: MachineFacts): readonly Finding[] {
  const findings: Finding[] = []
  if (platform === 'linux')
    findings.push(
      hasProc
        ? { level: 'ok', subject: 'proc', text: '/proc is mounted' }
        : { level: 'problem', subject: 'proc', text: '/proc is not mounted', mend: 'mount -t proc proc /proc' },
    )
  if (freeBytes !== undefined) {
    const text = `${Math.floor(freeBytes / MEGABYTE)} MB are free on the disk of auth-dir`
    if (freeBytes >= FREE_BYTES_LOW) findings.push({ level: 'ok', subject: 'disk', text })
    else {
      const level = freeBytes < FREE_BYTES_MIN ? 'problem' : 'warning'
      findings.push({ level, subject: 'disk', text, mend: 'make room: a refreshed login must be written' })
    }
  }
  return [...findings, judgeFetchLimit(platform, fetchLimit)]
}

function judgeFetchLimit(platform: string, limit: string | undefined): Finding {
  const subject = 'requests'
  const variable = 'BUN_CONFIG_MAX_HTTP_REQUESTS'
  if (limit === undefined) {
    const level = platform === 'win32' ? 'note' : 'warning'
    return { level, subject, text: 'at most 256 to upstreams at once', mend: `set ${variable}=65535` }
  }
  if (Number(limit) >= REQUESTS_LOW) return { level: 'ok', subject, text: `up to ${limit} to upstreams at once` }
  return {
    level: 'warning',
    subject,
    text: `${variable} allows ${limit} at once`,
    mend: `unset it, or set it to 65535`,
  }
}
