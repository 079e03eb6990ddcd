import type { Account, ModelEntry } from '../accounts/account.ts'
import { fetchProxyFor } from '../lib/fetch-proxy.ts'
import { parseJson, readArray, readObject } from '../lib/json.ts'
import { headersFor } from '../providers/headers.ts'
import { providerFor } from '../providers/index.ts'
import type { Call, Provider } from '../providers/provider.ts'
import { readWhole } from './upstream.ts'

/** How long an upstream may take to list its models. */
const LIST_MS_MAX = 15_000

/**
 * Asks an account's upstream which models it has; undefined when its vendor has no list of them.
 *
 * @throws {Error} by its promise, saying why there is no list; it names no secret. Its cause is the HTTP status, where
 * there was one.
 */
export function listModels(account: Account, signal: AbortSignal): Promise<readonly ModelEntry[]> | undefined {
  const provider = providerFor(account)
  return provider.readModels && askForModels(account, provider, signal)
}

async function askForModels(account: Account, provider: Provider, signal: AbortSignal): Promise<readonly ModelEntry[]> {
  const call: Call = {
    operation: 'list-models',
    stream: false,
    model: '',
    baseUrl: account.baseUrl,
    secret: account.login ? await account.login.token() : account.secret,
    facts: account.facts ?? {},
    clientHeaders: new Headers(),
  }
  const response = await fetch(provider.url(call), {
    headers: headersFor(provider, account, call),
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(LIST_MS_MAX)]),
    proxy: fetchProxyFor(account.proxyUrl),
  })
  if (!response.ok) throw new Error(`the models endpoint answered ${response.status}`, { cause: response.status })
  const value = parseJson(await readWhole(response))
  const body = readObject(value) ?? { data: readArray(value) }
  return (provider.readModels?.(body) ?? []).map((model) => ({ ...model, alias: model.alias ?? model.name }))
}
