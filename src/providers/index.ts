import type { Protocol } from '../ir/protocol.ts'
import { claude, claudeOauth } from './claude.ts'
import { codex } from './codex.ts'
import { codexOauth } from './codex-oauth.ts'
import { demo } from './demo.ts'
import { gemini } from './gemini.ts'
import { geminiCli } from './gemini-cli.ts'
import { kimi, kimiAnthropic } from './kimi.ts'
import { openaiCompatibility } from './openai-compatibility.ts'
import type { Provider } from './provider.ts'
import { qwen } from './qwen.ts'
import { vertex, vertexOauth } from './vertex.ts'
import { xai } from './xai.ts'

/** Every vendor, by the word that accounts name it with. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  claude,
  codex,
  gemini,
  vertex,
  'openai-compatibility': openaiCompatibility,
  'claude-oauth': claudeOauth,
  'codex-oauth': codexOauth,
  'gemini-cli': geminiCli,
  qwen,
  kimi,
  xai,
  'vertex-oauth': vertexOauth,
  demo,
}

/**
 * The provider of an account, as a client of the protocol meets it: a vendor that serves the client's own protocol
 * beside the account's is asked in that.
 *
 * @throws {Error} when its name is not in the table: the config was not checked.
 */
export function providerFor(account: ProvidedAccount, client?: Protocol): Provider {
  const provider = PROVIDERS[account.provider]
  if (!provider) throw new Error(`unknown provider '${account.provider}'`)
  if (client === kimiAnthropic.protocol && provider === kimi) return kimiAnthropic
  return client === codex.protocol && provider === openaiCompatibility && SERVES_RESPONSES.test(account.baseUrl ?? '')
    ? codex
    : provider
}

export interface ProvidedAccount {
  readonly provider: string
  readonly baseUrl?: string
}

/** OpenAI's own API, and Azure's. @see https://learn.microsoft.com/en-us/azure/ai-foundry/openai/how-to/responses */
const SERVES_RESPONSES = /^https:\/\/(?:api\.openai\.com|[\w-]+\.openai\.azure\.com\/openai)\/v1$/
