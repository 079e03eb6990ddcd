import { join } from 'node:path'
import { folderOf } from '../../accounts/import/machine.ts'
import { isObject, readObject, readObjects, readString, readText, type Fields } from '../../lib/json.ts'
import type { ClientName } from '../run/clients/client.ts'
import { parseCommented } from '../run/clients/commented-json.ts'
import { CLIENTS } from '../run/clients/table.ts'
import type { Finding } from './finding.ts'

/** Where a client's settings send it. */
export interface ClientTarget {
  readonly url: string
  /** The variable or file that says so. */
  readonly from: string
}

export interface ClientFacts {
  readonly name: ClientName
  /** Absent: it is not installed. */
  readonly version?: string
  /** None: its vendor's own address. */
  readonly targets: readonly ClientTarget[]
  /** Whether a URL is this proxy's. */
  readonly isOurs: (url: string) => boolean
}

/** Whether an installed client uses this proxy; it need not. */
export function judgeClient({ name, version, targets, isOurs }: ClientFacts): Finding {
  const { title, package: packageName } = CLIENTS[name]
  if (version === undefined)
    return { level: 'note', subject: name, text: `${title} is not installed (npm install -g ${packageName})` }
  const subject = name
  const ours = targets.find(({ url }) => isOurs(url))
  const what = `${title} ${version}`
  if (ours) return { level: 'ok', subject, text: `${what} uses this proxy (${ours.from})` }
  const [other] = targets
  const instead = other ? `is sent elsewhere by ${other.from}` : 'asks its vendor'
  return { level: 'note', subject, text: `${what} ${instead}; cliproxy run ${name} starts it on this proxy` }
}

/** What the settings of clients are read with. */
export interface SettingsSource {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Undefined when there is no such file. */
  readonly readFile: (path: string) => string | undefined
}

/** Where the settings of a client send it, those that count most first. */
export function targetsOf(name: ClientName, source: SettingsSource): readonly ClientTarget[] {
  const found = READERS[name](source)
  return found.flatMap(({ url, from }) => {
    const text = readText(url)
    return text === undefined ? [] : [{ url: text, from }]
  })
}

/** A place that was looked at. */
interface Place {
  readonly url: unknown
  readonly from: string
}

const READERS: Readonly<Record<ClientName, (source: SettingsSource) => readonly Place[]>> = {
  claude: (source) => {
    const path = join(folderOf(source, 'CLAUDE_CONFIG_DIR', '.claude'), 'settings.json')
    const { env } = parseCommented(source.readFile(path))
    return [{ url: readObject(env)?.['ANTHROPIC_BASE_URL'], from: path }, variable(source, 'ANTHROPIC_BASE_URL')]
  },
  codex: (source) => {
    const path = join(folderOf(source, 'CODEX_HOME', '.codex'), 'config.toml')
    const settings = parseToml(source.readFile(path) ?? '')
    const { model_provider: chosen, model_providers: providers, openai_base_url: own } = settings
    const provider = readObject(readObject(providers)?.[readString(chosen) ?? ''])
    return [{ url: provider?.['base_url'], from: path }, { url: own, from: path }, variable(source, 'OPENAI_BASE_URL')]
  },
  gemini: (source) => {
    const folder = join(folderOf(source, 'GEMINI_CLI_HOME'), '.gemini')
    return ['GOOGLE_GEMINI_BASE_URL', 'CODE_ASSIST_ENDPOINT', 'GOOGLE_VERTEX_BASE_URL'].flatMap((name) => [
      variable(source, name),
      dotenv(source, join(folder, '.env'), name),
    ])
  },
  qwen: (source) => {
    const folder = join(source.home, '.qwen')
    const path = join(folder, 'settings.json')
    const { security, modelProviders, env } = parseCommented(source.readFile(path))
    const providers = readObjects(readObject(modelProviders)?.['openai'])
    return [
      ...providers.map(({ baseUrl }) => ({ url: baseUrl, from: path })),
      variable(source, 'OPENAI_BASE_URL'),
      dotenv(source, join(folder, '.env'), 'OPENAI_BASE_URL'),
      { url: readObject(env)?.['OPENAI_BASE_URL'], from: path },
      { url: readObject(readObject(security)?.['auth'])?.['baseUrl'], from: path },
    ]
  },
  opencode: (source) => {
    const folder = join(folderOf(source, 'XDG_CONFIG_HOME', '.config'), 'opencode')
    const own = source.environment['OPENCODE_CONFIG']
    const paths = [...(own === undefined ? [] : [own]), join(folder, 'opencode.json'), join(folder, 'opencode.jsonc')]
    return paths.flatMap((path) => {
      const { provider } = parseCommented(source.readFile(path))
      const providers = Object.values(readObject(provider) ?? {}).filter(isObject)
      return providers.map(({ options }) => ({ url: readObject(options)?.['baseURL'], from: path }))
    })
  },
}

function variable({ environment }: SettingsSource, name: string): Place {
  return { url: environment[name], from: name }
}

/** The variable in a file of `NAME=value` lines. */
function dotenv({ readFile }: SettingsSource, path: string, name: string): Place {
  const line = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*(.*?)\\s*$`, 'm').exec(readFile(path) ?? '')
  return { url: line?.[1]?.replaceAll(/^["']|["']$/g, ''), from: path }
}

function parseToml(text: string): Fields {
  try {
    return readObject(Bun.TOML.parse(text)) ?? {}
  } catch {
    // Its own program says what is wrong with it.
    return {}
  }
}
