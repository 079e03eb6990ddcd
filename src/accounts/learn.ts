import { join } from 'node:path'
import { errorText } from '../lib/error-text.ts'
import { parseObject, readNumber, readObjects, readText } from '../lib/json.ts'
import { readFileIfAny } from '../lib/read-file.ts'
import { writeFileAtomically } from '../lib/write-file.ts'
import type { Account, ModelEntry } from './account.ts'
import { isExcluded } from './exclusion.ts'
import { applyAliases } from './model-alias.ts'

export interface ModelBookOptions {
  /**
   * Asks the account's upstream; undefined when it has no list to ask for.
   *
   * @throws {Error} by its promise, saying why there is no list; its message names no secret.
   */
  readonly list: (account: Account, signal: AbortSignal) => Promise<readonly ModelEntry[]> | undefined
  /** Well-known models of an upstream that does not list its own. */
  readonly catalogue: (account: Account) => readonly ModelEntry[]
  /** The folder of auth files; the lists are kept in its subfolder `.cliproxy`. */
  readonly folder: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Takes one line for the log. */
  readonly report: (line: string) => void
}

/** Which models each account serves. */
export interface ModelBook {
  /**
   * What is known now, without those that the account excludes: the config's models, else the ones learned, else those
   * of the last run, else the catalogue's.
   */
  modelsOf(account: Account): readonly ModelEntry[]
  /**
   * Learns the models of all accounts that the config gives none. An account that fails keeps the list it had. Never
   * throws.
   */
  refresh(accounts: readonly Account[], signal: AbortSignal): Promise<void>
}

/** Upstreams that are asked at once. */
const PARALLEL_MAX = 8

/** A list is not asked for again earlier: each change of the config refreshes too. */
const REFRESH_MS_MIN = 5 * 60_000

/** Models of one account; the largest marketplaces list several hundred. */
const MODELS_MAX = 10_000

/** What an upstream said last. */
interface Learned {
  readonly models: readonly ModelEntry[]
  /** 0: it comes from an earlier run. */
  readonly at: number
}

export function createModelBook({ list, catalogue, folder, clock, report }: ModelBookOptions): ModelBook {
  /** By account; undefined: neither this run nor an earlier one learned any. */
  const learned = new Map<string, Learned | undefined>()
  /** The failure of each account that was reported already. */
  const reported = new Map<string, string>()
  const fileFor = (account: Account): string => join(folder, '.cliproxy', `models-${account.id}.json`)

  const recall = (account: Account): Learned | undefined => {
    if (!learned.has(account.id)) learned.set(account.id, readLearned(fileFor(account)))
    return learned.get(account.id)
  }
  const tell = (account: Account, failure: string): void => {
    if (reported.get(account.id) === failure) return
    reported.set(account.id, failure)
    report(failure)
  }
  const learn = async (account: Account, signal: AbortSignal): Promise<void> => {
    let models: readonly ModelEntry[]
    try {
      const listed = list(account, signal)
      if (!listed) return
      models = withoutRepeats(await listed)
      if (models.length === 0) throw new Error('the upstream lists no models')
    } catch (error) {
      if (!signal.aborted) tell(account, failureLine(account, recall(account), catalogue(account), errorText(error)))
      return
    }
    reported.delete(account.id)
    learned.set(account.id, { models, at: clock() })
    try {
      await writeFileAtomically(fileFor(account), `${JSON.stringify({ models })}\n`)
    } catch (error) {
      tell(account, `${account.label}: its list of models could not be kept for the next start: ${errorText(error)}`)
    }
  }
  return {
    modelsOf(account) {
      const own = account.models ?? recall(account)?.models ?? catalogue(account)
      const models = applyAliases(own, account.aliases ?? [])
      if (account.excludedModels.length === 0) return models
      return models.filter(
        ({ name, alias }) => !isExcluded(alias, account.excludedModels) && !isExcluded(name, account.excludedModels),
      )
    },
    async refresh(accounts, signal) {
      forgetOthers(accounts, learned, reported)
      const now = clock()
      const due = accounts.filter(
        (account) => !account.models && now - (learned.get(account.id)?.at ?? 0) >= REFRESH_MS_MIN,
      )
      const work = async (): Promise<void> => {
        for (let account = due.pop(); account && !signal.aborted; account = due.pop()) await learn(account, signal)
      }
      await Promise.all(Array.from({ length: PARALLEL_MAX }, work))
    },
  }
}

function forgetOthers(accounts: readonly Account[], ...maps: readonly Map<string, unknown>[]): void {
  const known = new Set(accounts.map(({ id }) => id))
  for (const map of maps) for (const id of map.keys()) if (!known.has(id)) map.delete(id)
}

function failureLine(
  account: Account,
  kept: Learned | undefined,
  wellKnown: readonly ModelEntry[],
  reason: string,
): string {
  const instead = kept
    ? 'the list of before is used'
    : wellKnown.length > 0
      ? 'the well-known models of its vendor are used'
      : 'it serves none until it lists them; give it `models` in the config'
  return `${account.label}: its models could not be learned (${reason}); ${instead}`
}

function withoutRepeats(models: readonly ModelEntry[]): readonly ModelEntry[] {
  return [...new Map(models.slice(0, MODELS_MAX).map((model) => [model.alias, model])).values()]
}

/** The list of an earlier run; a file that is missing or broken is as good as none. */
function readLearned(path: string): Learned | undefined {
  const { models } = parseObject(readFileIfAny(path) ?? '') ?? {}
  const entries = readObjects(models).flatMap((entry) => {
    const { name, alias, displayName, contextTokens, outputTokens, createdAt } = entry
    const known = readText(name)
    if (known === undefined) return []
    return [
      {
        name: known,
        alias: readText(alias) ?? known,
        displayName: readText(displayName),
        contextTokens: readNumber(contextTokens),
        outputTokens: readNumber(outputTokens),
        createdAt: readNumber(createdAt),
      },
    ]
  })
  return entries.length === 0 ? undefined : { models: entries.slice(0, MODELS_MAX), at: 0 }
}
