import {
  nextStanding,
  READY,
  type CoolingPolicy,
  type CoolingStanding,
  type Outcome,
  type Standing,
} from './standing.ts'

/** What is remembered of an account, or of one of its models; whoever is well has none. */
export interface Entry {
  standing: Standing
  /** While a probe is out, until when nobody else may try. */
  probeUntil: number
  /** A probe was answered: everybody may try again while it goes on. */
  isOpen: boolean
}

/** Those who meet a probe on its way are told to come back then. */
const PROBE_POLL_MS = 1000

/** Models of one account that are remembered: the oldest goes first. */
const MODELS_MAX = 1024

/** True when a call may use it, be it as the probe that finds out. */
export function isReady(entry: Entry | undefined, now: number): boolean {
  if (!entry || entry.isOpen || entry.standing.state === 'ready') return true
  return now >= entry.standing.probeAt && now >= entry.probeUntil
}

/** When a call may use it, in milliseconds since the epoch, as far as anybody knows. */
export function recoveryFor({ probeUntil }: Entry, { until }: CoolingStanding, now: number): number {
  return now < probeUntil ? Math.min(probeUntil, now + PROBE_POLL_MS) : until
}

/** What is to be remembered after an outcome; nothing of those that are well. */
export function stepEntry(
  entry: Entry | undefined,
  outcome: Outcome,
  now: number,
  policy: CoolingPolicy,
  leasedAt: number,
): Entry | undefined {
  const before = entry?.standing ?? READY
  const standing = nextStanding(before, outcome, now, policy, leasedAt)
  if (entry && standing === before) return entry
  if (standing.state === 'ready') return standing.level === 0 ? undefined : { standing, probeUntil: 0, isOpen: false }
  return { standing, probeUntil: 0, isOpen: false }
}

/** Puts the entry of a model among those of its account. */
export function rememberModel(models: Map<string, Entry>, model: string, entry: Entry): void {
  if (!models.has(model) && models.size >= MODELS_MAX) {
    for (const oldest of models.keys()) {
      models.delete(oldest)
      break
    }
  }
  models.set(model, entry)
}
