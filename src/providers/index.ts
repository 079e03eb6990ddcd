import type { Protocol } from '../ir/protocol.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { demo } from './demo.ts'
import { gemini } from './gemini.ts'
import { openaiCompatibility } from './openai-compatibility.ts'
import type { Provider } from './provider.ts'
import { vertex } from './vertex.ts'

/** Every vendor, by the word that accounts name it with. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  claude,
  codex,
  gemini,
  vertex,
  'openai-compatibility': openaiCompatibility,
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
