import type { Account, ModelEntry } from '../../accounts/account.ts'
import { listModels } from '../../gateway/list-models.ts'
import { Fault } from '../../ir/fault.ts'
import { errorText } from '../../lib/error-text.ts'
import { providerFor } from '../../providers/index.ts'
import { askSmall, smallestOf } from '../small-call.ts'

/** How the vendor's answer is had. */
export interface AccountTest {
  readonly account: Account
  /** The models that are known of it. */
  readonly models: readonly ModelEntry[]
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

export interface TestResult {
  readonly isGood: boolean
  /** What was asked. */
  readonly asked: string
  /** What came of it; holds no secret. */
  readonly outcome: string
  readonly latencyMs: number
}

/**
 * Asks an account's vendor something real and cheap: its list of models, or where it has none one token of an answer.
 * An access token that has expired is refreshed first. Never rejects.
 */
export async function testAccount(test: AccountTest): Promise<TestResult> {
  const { account, signal, clock } = test
  const provider = providerFor(account)
  const model = smallestOf(test.models)
  const isListed = provider.readModels !== undefined
  const asked = isListed ? 'list of models' : model ? `one token of ${model.name}` : 'nothing'
  if (!isListed && !model)
    return { isGood: false, asked, outcome: 'it has no list of models, and no model of it is known', latencyMs: 0 }
  const startedAt = clock()
  try {
    // It is refreshed here where it must be, so that the time below is the vendor's API alone.
    await account.login?.token()
    const begunAt = clock()
    const outcome = isListed ? countText(await listModels(account, signal)) : await generateOne(test, model)
    return { isGood: true, asked, outcome, latencyMs: clock() - begunAt }
  } catch (error) {
    return {
      isGood: false,
      asked,
      outcome: signal.aborted ? 'no answer in time' : outcomeOf(error),
      latencyMs: clock() - startedAt,
    }
  }
}

/** @throws {Fault} of the upstream. */
async function generateOne({ account, signal, clock }: AccountTest, model: ModelEntry | undefined): Promise<string> {
  await askSmall('generate', { account, model: model?.name ?? '', signal, clock })
  return 'an answer'
}

function countText(models: readonly ModelEntry[] = []): string {
  return `${models.length} ${models.length === 1 ? 'model' : 'models'}`
}

function outcomeOf(error: unknown): string {
  if (error instanceof Fault) return `${error.status}: ${error.message}`
  return errorText(error)
}
