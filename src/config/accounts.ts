import type { Account, ModelEntry } from '../accounts/account.ts'
import { accountIdFor } from '../accounts/identity.ts'
import { readDirect, trimSlashes } from './formats.ts'
import type { ClaudeKeyFields, CompatibleFields, ConfigFile, SharedFields } from './schema.ts'

/** An account before it has its id: ids count copies, so they are given to all accounts together. */
export type Draft = Omit<Account, 'id'>

/** Where a provider's own API is, for entries that name no base URL. */
export const BASE_URLS = {
  claude: 'https://api.anthropic.com',
  codex: 'https://api.openai.com/v1',
  gemini: 'https://generativelanguage.googleapis.com',
  vertex: 'https://aiplatform.googleapis.com',
} as const

/** The accounts that the file lists, in its order within each provider. */
export function accountsOfFile(file: ConfigFile): readonly Draft[] {
  const drafts: Draft[] = []
  for (const list of ['gemini-api-key', 'generative-language-api-key'] as const) {
    for (const [index, entry] of (file[list] ?? []).entries()) {
      const fields = typeof entry === 'string' ? { 'api-key': entry } : entry
      drafts.push(...keyedDraft('gemini', `${list}[${index}]`, fields, BASE_URLS.gemini))
    }
  }
  for (const provider of ['claude', 'codex', 'vertex'] as const) {
    const list = `${provider}-api-key` as const
    for (const [index, entry] of (file[list] ?? []).entries())
      drafts.push(...keyedDraft(provider, `${list}[${index}]`, entry, BASE_URLS[provider]))
  }
  for (const entry of file['openai-compatibility'] ?? []) drafts.push(...compatibleDrafts(entry))
  return drafts
}

/**
 * The accounts with their ids and with labels that differ from each other. The global proxy is filled in after the ids
 * are made.
 */
export function finishAccounts(drafts: readonly Draft[], globalProxy: string | undefined): readonly Account[] {
  const ids = new Set<string>()
  const labels = new Set<string>()
  return drafts.map((draft) => {
    const id = firstNew(ids, (copy) => accountIdFor(draft, copy))
    const label = firstNew(labels, (copy) => (copy === 0 ? draft.label : `${draft.label} (${copy + 1})`))
    return { id, ...draft, label, proxyUrl: draft.proxyUrl ?? globalProxy }
  })
}

/** A proxy as accounts hold it: CPA says `direct` or `none`. */
export function proxyFor(url: string | undefined): string | undefined {
  return url !== undefined && readDirect(url) ? 'direct' : url
}

/** A base URL as accounts hold it: paths are added to it. */
export function baseUrlFor(url: string): string {
  return url.replace(/\/+$/, '')
}

type Keyed = Pick<ClaudeKeyFields, 'api-key' | 'base-url' | 'proxy-url'> & SharedFields

function keyedDraft(provider: string, label: string, fields: Keyed, defaultUrl: string): readonly Draft[] {
  if (fields.disabled === true) return []
  const baseUrl = baseUrlFor(fields['base-url'] ?? defaultUrl)
  return [
    { provider, label, secret: fields['api-key'], baseUrl, proxyUrl: proxyFor(fields['proxy-url']), ...common(fields) },
  ]
}

function compatibleDrafts(fields: CompatibleFields): readonly Draft[] {
  if (fields.disabled === true) return []
  const keys = [
    ...(fields['api-key-entries'] ?? []).map((entry) => ({
      secret: entry['api-key'] ?? '',
      proxyUrl: entry['proxy-url'],
    })),
    ...(fields['api-keys'] ?? []).map((secret) => ({ secret, proxyUrl: undefined })),
  ]
  // An upstream of one's own often wants no key at all.
  if (keys.length === 0) keys.push({ secret: '', proxyUrl: undefined })
  return keys.map(({ secret, proxyUrl }, index) => ({
    provider: 'openai-compatibility',
    label: keys.length === 1 ? fields.name : `${fields.name}[${index}]`,
    secret,
    baseUrl: baseUrlFor(fields['base-url']),
    proxyUrl: proxyFor(proxyUrl ?? fields['proxy-url']),
    ...common(fields),
  }))
}

function common(fields: SharedFields) {
  const retry = fields['request-retry']
  return {
    prefix: fields.prefix === undefined ? undefined : trimSlashes(fields.prefix),
    headers: fields.headers ?? {},
    priority: fields.priority ?? 0,
    models: modelsOf(fields),
    excludedModels: fields['excluded-models'] ?? [],
    disableCooling: fields['disable-cooling'],
    // Below zero means: as the config says.
    requestRetry: retry !== undefined && retry >= 0 ? retry : undefined,
    source: 'config',
  } as const
}

/** Several models under one alias are a pool; an empty list counts as none, so that the models are learned. */
function modelsOf({ models = [] }: SharedFields): readonly ModelEntry[] | undefined {
  const entries = new Map<string, ModelEntry>()
  for (const model of models) {
    const { name, alias = name } = model
    const context = model['max-context-length']
    const key = JSON.stringify([name, alias])
    if (entries.has(key)) continue
    entries.set(key, {
      name,
      alias,
      displayName: model['display-name'],
      contextTokens: context === 0 ? undefined : context,
    })
  }
  return entries.size === 0 ? undefined : [...entries.values()]
}

/** The first of the numbered names that nobody has yet; it is taken then. */
function firstNew(taken: Set<string>, nameOf: (copy: number) => string): string {
  let copy = 0
  while (taken.has(nameOf(copy))) copy++
  const name = nameOf(copy)
  taken.add(name)
  return name
}
