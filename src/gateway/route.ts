import type { Account, ModelEntry } from '../accounts/account.ts'
import { isExcluded } from '../accounts/exclusion.ts'
import type { Candidate } from '../pool/candidate.ts'
import { Fault } from '../ir/fault.ts'
import type { ReasoningRequest } from '../ir/request.ts'
import { nearest } from '../lib/nearest.ts'
import { splitThinkingSuffix } from '../protocols/shared/effort.ts'
import { PROVIDERS } from '../providers/index.ts'

/** A model as the lists show it. */
export interface ServedModel {
  /** What clients ask for. */
  readonly id: string
  readonly entry: ModelEntry
  /** Provider of the first account that serves it. */
  readonly provider: string
}

/** Where a request may go. */
export interface Route {
  readonly candidates: readonly Candidate[]
  /** The model without its thinking suffix: cooldowns and rotation are shared by all suffixes. */
  readonly model: string
  /** What the suffix says about thinking; it overrides the body. */
  readonly reasoning?: ReasoningRequest
}

/** Finds the accounts that serve a model. Immutable: a change of accounts or models makes a new one. */
export interface Router {
  /** @throws {Fault} not-found with the nearest names. */
  route(model: string): Route
  list(): readonly ServedModel[]
}

/** The models of one account. */
export interface Offer {
  readonly account: Account
  readonly models: readonly ModelEntry[]
}

export interface RouterOptions {
  /** Serve the models of an account with a prefix only under it. */
  readonly forceModelPrefix: boolean
  /** Let the preview of a model take its place while its quota is used up, where the vendor has one. */
  readonly switchPreviewModel?: boolean
}

export function createRouter(offers: readonly Offer[], options: RouterOptions): Router {
  const candidates = new Map<string, Candidate[]>()
  const served: ServedModel[] = []
  const offer = (id: string, account: Account, entry: ModelEntry): void => {
    const candidate = candidateFor(account, entry.name, options)
    const known = candidates.get(id)
    if (known) known.push(candidate)
    else {
      candidates.set(id, [candidate])
      served.push({ id, entry, provider: account.provider })
    }
  }
  for (const { account, models } of offers) {
    for (const entry of models) {
      const { prefix } = account
      if (prefix === undefined || !options.forceModelPrefix) offer(entry.alias, account, entry)
      if (prefix !== undefined) offer(`${prefix}/${entry.alias}`, account, entry)
    }
  }
  return {
    list: () => served,
    route(model) {
      const plain = candidates.get(model)
      if (plain && !model.endsWith(')')) return { candidates: plain, model }
      const { model: stem, reasoning } = splitThinkingSuffix(model)
      const found = candidates.get(stem)
      if (found) return { candidates: found, model: stem, reasoning }
      if (plain) return { candidates: plain, model }
      throw unknownModel(model, stem, candidates.keys())
    },
  }
}

function candidateFor(account: Account, upstreamModel: string, { switchPreviewModel }: RouterOptions): Candidate {
  const preview = switchPreviewModel === true ? PROVIDERS[account.provider]?.standInFor?.(upstreamModel) : undefined
  return preview === undefined || isExcluded(preview, account.excludedModels)
    ? { account, upstreamModel }
    : { account, upstreamModel, standIn: { account, upstreamModel: preview } }
}

/** Names that a client is told in the place of one that nobody serves. */
const NAMES_MAX = 3

function unknownModel(model: string, stem: string, names: Iterable<string>): Fault {
  const all = [...names]
  const prefixed = all.filter((name) => name.endsWith(`/${stem}`))
  const close = [...new Set([...prefixed, ...nearest(stem, all, NAMES_MAX)])].slice(0, NAMES_MAX)
  const advice =
    all.length === 0
      ? 'No account serves any model yet: add one to the config.'
      : close.length > 0
        ? `Did you mean ${close.map((name) => `'${name}'`).join(', ')}? GET /v1/models lists them all.`
        : 'GET /v1/models lists the models that are served.'
  return new Fault('not-found', `No account serves the model '${model}'. ${advice}`, {
    code: 'model_not_found',
    param: 'model',
  })
}
