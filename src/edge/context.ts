import type { Config } from '../config/config.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { SharedResponses } from '../gateway/response-memory.ts'
import type { ServedModel } from '../gateway/route.ts'
import type { Log } from '../lib/log.ts'
import type { Guard } from './guard.ts'
import type { SilenceWatch } from './keep-alive.ts'

/** What the routes of every API share. The functions give what holds now: config and models change while the server runs. */
export interface EdgeContext {
  readonly config: () => Config
  readonly guard: () => Guard
  readonly gateway: Gateway
  readonly models: () => readonly ServedModel[]
  readonly silences: SilenceWatch
  /** Answers that later requests build on. */
  readonly responses: SharedResponses
  readonly log: Log
  readonly version: string
  /** Only this machine reaches the server: then nobody is asked for a client's address, which costs as much as all our own work. */
  readonly isLoopback: boolean
  /** Requests that are being answered, streams included. */
  readonly inFlight: { count: number }
}
