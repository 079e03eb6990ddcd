import type { Account } from '../../accounts/account.ts'
import type { Config } from '../../config/config.ts'
import type { ServedModel } from '../../gateway/route.ts'

export interface Banner {
  readonly config: Config
  /** The accounts of logins. */
  readonly logins: readonly Account[]
  /** The config file, if there is one. */
  readonly path: string | undefined
  readonly url: URL
  readonly models: readonly ServedModel[]
  readonly version: string
}

/** Model names that are printed; the rest is counted. */
const NAMES_MAX = 12

/** Where an account comes from, if that is not the config. */
const ORIGINS: Readonly<Partial<Record<Account['source'], string>>> = {
  environment: ', from the environment',
  login: ', a login',
}

/** What a start prints: where the proxy listens, what it serves, and a line to paste for each API. */
export function bannerText({ config, logins, path, url, models, version }: Banner): string {
  const base = url.origin
  const names = models.slice(0, NAMES_MAX).map(({ id }) => id)
  const more = models.length > names.length ? ` … ${models.length} in all` : ''
  const accounts = [...config.accounts, ...logins].map(
    ({ label, provider, source }) => `  ${label}  ${provider}${ORIGINS[source] ?? ''}`,
  )
  const model = names[0] ?? 'MODEL'
  const key = config.apiKeys.length > 0 ? 'YOUR_CLIENT_KEY' : 'any'
  const question = '"messages":[{"role":"user","content":"Hello"}]'
  return [
    `cliproxy ${version} listens on ${base}`,
    `config: ${path ?? 'none, the defaults'}`,
    accounts.length > 0
      ? `accounts:\n${accounts.join('\n')}`
      : "accounts: none yet, so the built-in model 'demo' answers; set ANTHROPIC_API_KEY or OPENAI_API_KEY, write a config.yaml, or log in: cliproxy login claude",
    `models: ${names.length > 0 ? names.join(' ') + more : 'none known yet; they are being learned from the upstreams'}`,
    '',
    'OpenAI Chat:',
    `  curl ${base}/v1/chat/completions -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '{"model":"${model}",${question}}'`,
    'OpenAI Responses:',
    `  curl ${base}/v1/responses -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '{"model":"${model}","input":"Hello"}'`,
    'Anthropic Messages:',
    `  curl ${base}/v1/messages -H 'x-api-key: ${key}' -H 'content-type: application/json' -d '{"model":"${model}","max_tokens":1024,${question}}'`,
    'Gemini:',
    `  curl ${base}/v1beta/models/${model}:generateContent -H 'x-goog-api-key: ${key}' -H 'content-type: application/json' -d '{"contents":[{"parts":[{"text":"Hello"}]}]}'`,
    '',
  ].join('\n')
}
