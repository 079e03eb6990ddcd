import { BASE_URLS, baseUrlFor, type Draft } from './accounts.ts'
import { isEveryInterface, isLoopback } from '../lib/addresses.ts'
import { FORMATS } from './formats.ts'
import type { Environment } from './interpolate.ts'

/** A key that people have in their environment, and whose it is. */
export interface EnvironmentKey {
  /** The variables that may hold the key; the first that is set counts. */
  readonly names: readonly string[]
  /** The variables that may hold another base URL. */
  readonly baseUrlNames: readonly string[]
  readonly provider: 'claude' | 'gemini' | 'openai-compatibility'
  /** What paths such as `/chat/completions` are added to. */
  readonly baseUrl: string
}

/** A vendor with an OpenAI-compatible API and its variables, which all follow one pattern. */
function compatible(name: string, baseUrl: string): EnvironmentKey {
  return { names: [`${name}_API_KEY`], baseUrlNames: [`${name}_BASE_URL`], provider: 'openai-compatibility', baseUrl }
}

/** Every key that is taken from the environment, unless `env-accounts` is false. */
export const ENVIRONMENT_KEYS: readonly EnvironmentKey[] = [
  {
    names: ['ANTHROPIC_API_KEY'],
    baseUrlNames: ['ANTHROPIC_BASE_URL'],
    provider: 'claude',
    baseUrl: BASE_URLS.claude,
  },
  {
    names: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlNames: ['GOOGLE_GEMINI_BASE_URL', 'GEMINI_BASE_URL'],
    provider: 'gemini',
    baseUrl: BASE_URLS.gemini,
  },
  compatible('OPENAI', 'https://api.openai.com/v1'),
  compatible('OPENROUTER', 'https://openrouter.ai/api/v1'),
  compatible('DEEPSEEK', 'https://api.deepseek.com/v1'),
  compatible('GROQ', 'https://api.groq.com/openai/v1'),
  compatible('MISTRAL', 'https://api.mistral.ai/v1'),
  compatible('XAI', 'https://api.x.ai/v1'),
  compatible('TOGETHER', 'https://api.together.xyz/v1'),
  compatible('FIREWORKS', 'https://api.fireworks.ai/inference/v1'),
  compatible('CEREBRAS', 'https://api.cerebras.ai/v1'),
  compatible('MOONSHOT', 'https://api.moonshot.ai/v1'),
  compatible('ZAI', 'https://api.z.ai/api/paas/v4'),
  // The keys of the mainland's service need DASHSCOPE_BASE_URL.
  compatible('DASHSCOPE', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1'),
  compatible('PERPLEXITY', 'https://api.perplexity.ai'),
  compatible('NVIDIA', 'https://integrate.api.nvidia.com/v1'),
]

/** What the environment's accounts are judged against. */
export interface EnvironmentContext {
  /** Where this proxy listens. */
  readonly host: string
  readonly port: number
  /** Keys of this proxy's own clients. */
  readonly apiKeys: readonly string[]
  /** The file's accounts: a key that it lists is not taken twice. */
  readonly known: readonly Draft[]
}

/** The accounts of the environment, and why a key that is there was not taken. */
export function accountsOfEnvironment(
  environment: Environment,
  context: EnvironmentContext,
): { readonly drafts: readonly Draft[]; readonly warnings: readonly string[] } {
  const drafts: Draft[] = []
  const warnings: string[] = []
  for (const row of ENVIRONMENT_KEYS) {
    const name = firstSet(environment, row.names)
    if (name === undefined) continue
    const secret = environment[name]?.trim() ?? ''
    const baseUrlName = firstSet(environment, row.baseUrlNames)
    const baseUrl = (baseUrlName === undefined ? undefined : environment[baseUrlName]?.trim()) ?? row.baseUrl
    const reason = refusalFor(secret, { url: baseUrl, name: baseUrlName ?? 'its base URL' }, context)
    if (reason !== undefined) {
      warnings.push(`${name} is not used: ${reason}`)
      continue
    }
    const draft = draftFor(row.provider, name, secret, baseUrlFor(baseUrl))
    if (!context.known.some((other) => isSame(other, draft))) drafts.push(draft)
  }
  return { drafts, warnings }
}

function draftFor(provider: string, label: string, secret: string, baseUrl: string): Draft {
  return { provider, label, secret, baseUrl, headers: {}, priority: 0, excludedModels: [], source: 'environment' }
}

function refusalFor(
  secret: string,
  base: { readonly url: string; readonly name: string },
  { host, port, apiKeys }: EnvironmentContext,
): string | undefined {
  if (FORMATS['base-url'](base.url) !== undefined) return `${base.name} is no http or https URL`
  if (pointsAt(base.url, host, port)) return `${base.name} points at this proxy itself`
  if (apiKeys.includes(secret)) return 'it is one of the api-keys of this proxy itself'
  return FORMATS.secret(secret) === undefined ? undefined : 'it holds characters that no header can carry'
}

function firstSet(environment: Environment, names: readonly string[]): string | undefined {
  return names.find((name) => (environment[name]?.trim() ?? '') !== '')
}

/** True when a request to the URL would come back to this proxy. */
export function pointsAt(baseUrl: string, host: string, port: number): boolean {
  const url = URL.parse(baseUrl)
  if (!url) return false
  const urlPort = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return urlPort === port && (isLoopback(url.hostname) || isEveryInterface(url.hostname) || url.hostname === host)
}

function isSame(a: Draft, b: Draft): boolean {
  return a.provider === b.provider && a.baseUrl === b.baseUrl && a.secret === b.secret
}
