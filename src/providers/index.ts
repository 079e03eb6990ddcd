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
 * The provider of an account.
 *
 * @throws {Error} when its name is not in the table: the config was not checked.
 */
export function providerFor({ provider: name }: { readonly provider: string }): Provider {
  const provider = PROVIDERS[name]
  if (!provider) throw new Error(`unknown provider '${name}'`)
  return provider
}
