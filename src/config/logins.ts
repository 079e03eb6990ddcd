import { resolve } from 'node:path'
import { baseUrlFor } from './accounts.ts'
import type { ModelAlias } from '../accounts/account.ts'
import type { Config, OauthClientConfig, OauthModels } from './config.ts'
import { expandHome } from './home.ts'
import type { AliasFields, ConfigFile } from './schema.ts'

/** @see behaviour of CLIProxyAPI: its pool of refreshes. */
const REFRESH_WORKERS = 16

const TTL_HOURS = 72
const STORE_MB = 256

/** What the file says about logins and what they are used for. */
export function loginSettings(
  file: ConfigFile,
  folder: string,
  home: string,
): Pick<
  Config,
  | 'authEncryption'
  | 'oauthClients'
  | 'oauthModels'
  | 'refreshWorkers'
  | 'quotaExceeded'
  | 'isGeminiCliServed'
  | 'responsesStore'
> {
  const { 'key-file': keyFile, env } = file['auth-encryption'] ?? {}
  const hasKey = keyFile !== undefined || env !== undefined
  const workers = file['auth-auto-refresh-workers'] ?? 0
  const quota = file['quota-exceeded']
  const store = file['responses-store']
  return {
    authEncryption: hasKey ? { keyFile: keyFile && resolve(folder, expandHome(keyFile, home)), env } : undefined,
    oauthClients: oauthClientsOf(file),
    oauthModels: oauthModelsOf(file),
    refreshWorkers: workers === 0 ? REFRESH_WORKERS : workers,
    quotaExceeded: {
      switchProject: quota?.['switch-project'] ?? false,
      switchPreviewModel: quota?.['switch-preview-model'] ?? false,
    },
    isGeminiCliServed: file['enable-gemini-cli-endpoint'] ?? false,
    responsesStore: { ttlHours: store?.['ttl-hours'] ?? TTL_HOURS, megabytesMax: store?.['max-mb'] ?? STORE_MB },
  }
}

function oauthClientsOf({ 'oauth-clients': clients = {} }: ConfigFile): Readonly<Record<string, OauthClientConfig>> {
  const read: Record<string, OauthClientConfig> = {}
  for (const [vendor, client] of Object.entries(clients)) {
    const authUrl = client['auth-url']
    const baseUrl = client['base-url']
    read[vendor] = {
      clientId: client['client-id'],
      clientSecret: client['client-secret'],
      authUrl: authUrl && baseUrlFor(authUrl),
      baseUrl: baseUrl && baseUrlFor(baseUrl),
    }
  }
  return read
}

/** CPA calls Google's logins `gemini-cli`, and called the aliases mappings. */
function oauthModelsOf(file: ConfigFile): Config['oauthModels'] {
  const { 'oauth-model-alias': aliases = {}, 'oauth-model-mappings': older = {} } = file
  const excluded = file['oauth-excluded-models'] ?? {}
  const models: Record<string, OauthModels> = {}
  for (const vendor of ['claude', 'codex', 'gemini', 'qwen', 'kimi', 'xai', 'vertex'] as const) {
    const channels = vendor === 'gemini' ? (['gemini-cli', 'gemini'] as const) : [vendor]
    const listed = channels.flatMap((channel) => aliases[channel] ?? older[channel] ?? [])
    const excludedModels = channels.flatMap((channel) => excluded[channel] ?? [])
    if (listed.length > 0 || excludedModels.length > 0)
      models[vendor] = { aliases: listed.map(aliasOf), excludedModels }
  }
  return models
}

function aliasOf(fields: AliasFields): ModelAlias {
  const { name, alias, fork = false } = fields
  return { name, alias, isFork: fork, displayName: fields['display-name'] }
}
