import type { Account, ModelEntry } from '../accounts/account.ts'
import { createGateway } from '../gateway/gateway.ts'
import { createRouter } from '../gateway/route.ts'
import { createTrace } from '../gateway/trace.ts'
import { createPool } from '../pool/pool.ts'
import { CODECS } from '../protocols/index.ts'

/** Vendors' smaller models: a question to them costs least. */
const SMALL = /\b(?:haiku|mini|flash|lite|nano|small|air)\b/i

/** The model that a question costs least of, as far as the names tell. */
export function smallestOf(models: readonly ModelEntry[]): ModelEntry | undefined {
  return models.find(({ name }) => SMALL.test(name)) ?? models[0]
}

export interface SmallCall {
  readonly account: Account
  /** The upstream's name of it. */
  readonly model: string
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/**
 * Asks an account's vendor for the tokens of one word, or for one token of an answer.
 *
 * @throws {Fault} of the upstream.
 */
export async function askSmall(what: 'count' | 'generate', call: SmallCall): Promise<void> {
  const { account, model, signal, clock } = call
  const name = 'test'
  const codec = CODECS['openai-chat']
  const fields = { model: name, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1, stream: false }
  const offer = { account: { ...account, prefix: undefined }, models: [{ name: model, alias: name }] }
  const router = createRouter([offer], { forceModelPrefix: false })
  const gateway = createGateway({
    state: () => ({ router, limits: { requestRetry: 0, maxRetryCredentials: 1, maxRetryIntervalSeconds: 0 } }),
    pool: createPool({ clock, random: Math.random }),
    clock,
    random: Math.random,
    newId: (prefix) => prefix + crypto.randomUUID(),
  })
  const demand = {
    codec,
    client: '',
    text: JSON.stringify(fields),
    fields,
    whole: () => fields,
    model: name,
    stream: false,
    headers: new Headers(),
    signal,
  }
  const trace = createTrace(codec.protocol)
  if (what === 'count') await gateway.countTokens(demand, trace)
  else {
    const answer = await gateway.generate(demand, trace).answer
    if (answer.type === 'stream') answer.close()
  }
}
