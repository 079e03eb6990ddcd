import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runImport } from '../../src/cli/accounts/import.ts'
import { loadConfig } from '../../src/config/load.ts'
import { memoryFolder, type MemoryFolder } from './logins.ts'

/** When the imports of the tests happen. */
export const NOW = Date.UTC(2026, 0, 2)
export const HOUR_MS = 3_600_000

export interface ImportOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly platform?: NodeJS.Platform
  readonly isDryRun?: boolean
}

/** A made-up home with other programs' files, and the folder that their logins go to. */
export interface ImportHome {
  readonly path: string
  readonly folder: MemoryFolder
  /** Writes a file below the home. */
  put(path: string, content: object | string): void
  /** Claude Code's login; every secret of it begins with `secret`. */
  putClaude(expiresAt: number): void
  /** A login of each program. */
  putAll(): void
  /** Runs `cliproxy import`. @throws {Error} when it printed a secret or changed a file of another program. */
  import(options?: ImportOptions): Promise<{ readonly code: 0 | 1; readonly printed: string }>
  remove(): void
}

export function createImportHome(): ImportHome {
  const path = mkdtempSync(join(tmpdir(), 'cliproxy-home-'))
  const folder = memoryFolder()
  const put = (name: string, content: object | string): void => {
    const file = join(path, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return {
    path,
    folder,
    put,
    putClaude: (expiresAt) => putClaude(put, expiresAt),
    putAll: () => putAll(put),
    async import({ environment = {}, platform = 'linux', isDryRun = false } = {}) {
      const before = filesOf(path)
      const loaded = await loadConfig(undefined, { HOME: path }, { folder: path })
      let printed = '\n'
      const code = await runImport(
        { loaded, isDryRun },
        {
          machine: { home: path, platform, environment },
          openFolder: () => folder,
          withProject: () => Promise.reject(new Error('nobody answers')),
          clock: () => NOW,
          print: (text) => (printed += text),
        },
      )
      if (/secret|eyJ/.test(printed)) throw new Error(`a secret was printed: ${printed}`)
      if (filesOf(path) !== before) throw new Error('a file of another program was changed')
      return { code, printed }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A JWT whose signature is worth nothing. */
export function jwt(claims: object): string {
  return `${jwtPart({ alg: 'none' })}.${jwtPart(claims)}.secret-signature`
}

function jwtPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Every file below a folder with what it holds. */
function filesOf(path: string): string {
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  return files.map((file) => `${file}: ${readFileSync(file, 'utf8')}\n`).join('')
}

type Put = ImportHome['put']

function putClaude(put: Put, expiresAt: number): void {
  put('.claude/.credentials.json', {
    claudeAiOauth: {
      accessToken: 'secret-a1',
      refreshToken: 'secret-a1-refresh',
      expiresAt,
      scopes: ['user:inference'],
      subscriptionType: 'max',
    },
  })
  put('.claude.json', {
    oauthAccount: {
      emailAddress: 'me@example.com',
      accountUuid: 'u-1',
      organizationUuid: 'o-1',
      organizationName: 'Mine',
    },
  })
}

function putAll(put: Put): void {
  putClaude(put, NOW + 3 * HOUR_MS)
  const openai = { chatgpt_account_id: 'acc-1', chatgpt_plan_type: 'plus' }
  put('.codex/auth.json', {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: 'secret-key',
    tokens: {
      id_token: jwt({ email: 'me@example.com', 'https://api.openai.com/auth': openai }),
      access_token: jwt({ exp: (NOW - 5 * 60_000) / 1000, sub: 'sub-1' }),
      refresh_token: 'secret-c2',
      account_id: 'acc-1',
    },
    last_refresh: '2026-01-01T00:00:00Z',
  })
  put('.gemini/oauth_creds.json', {
    access_token: 'secret-g1',
    refresh_token: 'secret-g2',
    scope: 'cloud-platform',
    token_type: 'Bearer',
    id_token: jwt({ email: 'other@example.com' }),
    expiry_date: NOW + HOUR_MS,
  })
  put('.gemini/google_accounts.json', { active: 'me@gmail.example', old: [] })
  put('.qwen/oauth_creds.json', {
    access_token: 'secret-q1',
    refresh_token: 'secret-q2',
    token_type: 'Bearer',
    resource_url: 'portal.qwen.example',
    expiry_date: NOW + HOUR_MS,
  })
  put('.kimi/credentials/kimi-code.json', {
    access_token: 'secret-k1',
    refresh_token: 'secret-k2',
    expires_at: NOW / 1000 + 900,
    scope: 'kimi',
    token_type: 'Bearer',
  })
  put('.kimi/device_id', 'device-1\n')
}
