import { resolve } from 'node:path'
import { baseUrlFor } from './accounts.ts'
import type { Config, OauthClientConfig } from './config.ts'
import { expandHome } from './home.ts'
import type { ConfigFile } from './schema.ts'

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
  'authEncryption' | 'oauthClients' | 'refreshWorkers' | 'quotaExceeded' | 'isGeminiCliServed' | 'responsesStore'
> {
  const { 'key-file': keyFile, env } = file['auth-encryption'] ?? {}
  const hasKey = keyFile !== undefined || env !== undefined
  const workers = file['auth-auto-refresh-workers'] ?? 0
  const quota = file['quota-exceeded']
  const store = file['responses-store']
  return {
    authEncryption: hasKey ? { keyFile: keyFile && resolve(folder, expandHome(keyFile, home)), env } : undefined,
    oauthClients: oauthClientsOf(file),
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
