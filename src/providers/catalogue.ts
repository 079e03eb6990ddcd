import { CODE_ASSIST_MODELS, CODEX_PLANS, KIMI_MODELS, QWEN_MODELS, XAI_MODELS } from './catalogue-logins.ts'
import { CLAUDE_MODELS, GEMINI_MODELS, GPT_MODELS, OLDER_MODELS, type CatalogueRow } from './catalogue-table.ts'
import { DEMO_MODEL } from './demo.ts'
import { readUnixSeconds } from './listed.ts'
import type { ListedModel } from './provider.ts'
import { kimiNameFor } from './quirks/kimi-model.ts'

/** A model of the catalogue, in the form of an account's model list. */
export interface CatalogueModel extends ListedModel {
  readonly alias: string
}

/**
 * The well-known models of an account whose upstream does not list its own; none for an upstream that nobody knows.
 */
export function catalogueFor({
  provider,
  baseUrl,
  facts,
}: {
  readonly provider: string
  readonly baseUrl: string
  readonly facts?: { readonly plan?: string }
}): readonly CatalogueModel[] {
  switch (provider) {
    case 'claude':
    case 'claude-oauth':
      return CLAUDE
    case 'codex':
      return GPT
    case 'gemini':
    case 'vertex':
    case 'vertex-oauth':
      return GEMINI
    case 'codex-oauth':
      return CODEX_LOGIN[planOf(facts?.plan)]
    case 'gemini-cli':
      return CODE_ASSIST
    case 'qwen':
      return QWEN
    case 'kimi':
      return KIMI
    case 'xai':
      return XAI
    case 'demo':
      return [DEMO_MODEL]
    default:
      return baseUrl.startsWith('https://api.openai.com/') ? GPT : []
  }
}

const CLAUDE = CLAUDE_MODELS.map(catalogueModel)
const GPT = GPT_MODELS.map(catalogueModel)
const GEMINI = GEMINI_MODELS.map(catalogueModel)

const CODE_ASSIST = CODE_ASSIST_MODELS.map(catalogueModel)
const QWEN = QWEN_MODELS.map(catalogueModel)
const KIMI = KIMI_MODELS.map((row) => ({ ...catalogueModel(row), name: kimiNameFor(row[0]) }))
const XAI = XAI_MODELS.map(catalogueModel)
const CODEX_LOGIN = {
  free: CODEX_PLANS.free.map(catalogueModel),
  team: CODEX_PLANS.team.map(catalogueModel),
  plus: CODEX_PLANS.plus.map(catalogueModel),
  pro: CODEX_PLANS.pro.map(catalogueModel),
} as const

/** @see behaviour of CLIProxyAPI: business and go are served as team, and what nobody knows as pro. */
function planOf(plan = ''): keyof typeof CODEX_LOGIN {
  switch (plan.toLowerCase()) {
    case 'free':
      return 'free'
    case 'plus':
      return 'plus'
    case 'team':
    case 'business':
    case 'go':
      return 'team'
    default:
      return 'pro'
  }
}

const BY_NAME: ReadonlyMap<string, CatalogueModel> = new Map(
  [...XAI, ...KIMI, ...QWEN, ...CODE_ASSIST, ...CLAUDE, ...GPT, ...GEMINI, ...OLDER_MODELS.map(catalogueModel)].flatMap(
    (model) => [
      [model.name, model],
      [model.alias, model],
    ],
  ),
)

/** How many tokens a model can write in one answer; undefined for one that the catalogue does not know. */
export function outputTokensFor(model: string): number | undefined {
  return wellKnown(model)?.outputTokens
}

/** How many tokens a model can read and write together; undefined for one that the catalogue does not know. */
export function contextTokensFor(model: string): number | undefined {
  return wellKnown(model)?.contextTokens
}

/** `anthropic/claude-sonnet-4.5`, `claude-sonnet-4-5@20250929` and `claude-sonnet-4-0` mean models of the catalogue too. */
function wellKnown(model: string): CatalogueModel | undefined {
  const exact = BY_NAME.get(model)
  if (exact) return exact
  const name = model.slice(model.lastIndexOf('/') + 1).replace(/[:[].*$/, '')
  const undated = name.replace(/[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '')
  const plain = undated.startsWith('claude') ? undated.replaceAll('.', '-') : undated
  return BY_NAME.get(name) ?? BY_NAME.get(plain) ?? BY_NAME.get(plain.replace(/-0$/, ''))
}

function catalogueModel([id, displayName, contextTokens, outputTokens, released]: CatalogueRow): CatalogueModel {
  return { name: id, alias: id, displayName, contextTokens, outputTokens, createdAt: readUnixSeconds(released) }
}
