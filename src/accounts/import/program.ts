import type { NewLogin, VendorId } from '../oauth/vendor.ts'
import type { Machine } from './machine.ts'

/** A program whose login may be on this machine. */
export interface Program {
  /** Its name for people. */
  readonly title: string
  readonly vendor: VendorId
  /** Its refresh token is dead once a new one was made with it: two programs cannot share it. */
  readonly isRotating: boolean
  /** What `cliproxy run` calls it; absent: it cannot be started that way. */
  readonly client?: string
  /** Looks for its login. Never throws, never writes. */
  find(machine: Machine): Finding
}

/** What was found of one program. Paths are absolute; notes and problems are for people and hold no secret. */
export type Finding =
  | { readonly type: 'nothing'; readonly notes: readonly string[] }
  | { readonly type: 'broken'; readonly path: string; readonly problem: string }
  | { readonly type: 'login'; readonly path: string; readonly login: NewLogin; readonly notes: readonly string[] }
