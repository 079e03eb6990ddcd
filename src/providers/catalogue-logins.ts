import type { CatalogueRow } from './catalogue-table.ts'

const K = 1000

const AUTO_REVIEW: CatalogueRow = ['codex-auto-review', 'Codex Auto Review', 272 * K, 128 * K, '2026-04-23']
const GPT_5_4: CatalogueRow = ['gpt-5.4', 'GPT-5.4', 1_050_000, 128 * K, '2026-03-05']
const GPT_5_4_MINI: CatalogueRow = ['gpt-5.4-mini', 'GPT-5.4 mini', 400 * K, 128 * K, '2026-03-17']
const GPT_5_5: CatalogueRow = ['gpt-5.5', 'GPT-5.5', 272 * K, 128 * K, '2026-04-23']
const SPARK: CatalogueRow = ['gpt-5.3-codex-spark', 'GPT-5.3 Codex Spark', 128 * K, 128 * K, '2026-02-12']

/** Their context depends on the plan. */
function newest(contextTokens: number, ...sizes: readonly string[]): readonly CatalogueRow[] {
  return sizes.map((size): CatalogueRow => {
    const title = size.charAt(0).toUpperCase() + size.slice(1)
    return [`gpt-5.6-${size}`, `GPT-5.6 ${title}`, contextTokens, 128 * K, '2026-07-09']
  })
}

const NEXT: readonly CatalogueRow[] = [
  ['gpt-6.1-sol', 'GPT-6.1 Sol', 921 * K, 128 * K, '2026-09-29'],
  ['gpt-6-sol', 'GPT-6 Sol', 921 * K, 128 * K],
]

const FREE = [...newest(372 * K, 'terra', 'luna'), GPT_5_5, GPT_5_4_MINI, AUTO_REVIEW]
const TEAM = [...NEXT, ...newest(372 * K, 'sol', 'terra', 'luna'), GPT_5_5, GPT_5_4, GPT_5_4_MINI, AUTO_REVIEW]
const PLUS = [...TEAM, SPARK]
const PRO = [...NEXT, ...newest(921 * K, 'sol', 'terra', 'luna'), GPT_5_5, GPT_5_4, GPT_5_4_MINI, AUTO_REVIEW, SPARK]

/**
 * The models of a login with ChatGPT, by what its user pays for; a plan that nobody knows serves them all.
 *
 * @see behaviour of CLIProxyAPI, `internal/registry/models/models.json`
 */
export const CODEX_PLANS: Readonly<Record<'free' | 'team' | 'plus' | 'pro', readonly CatalogueRow[]>> = {
  free: FREE,
  team: TEAM,
  plus: PLUS,
  pro: PRO,
}

/** What Code Assist serves. @see https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/config/models.ts */
export const CODE_ASSIST_MODELS: readonly CatalogueRow[] = [
  ['gemini-3.8-flash', 'Gemini 3.8 Flash', 1_048_576, 65_536, '2026-09-02'],
  ['gemini-3.7-flash', 'Gemini 3.7 Flash', 1_048_576, 65_536],
  ['gemini-3.5-flash', 'Gemini 3.5 Flash', 1_048_576, 65_536, '2026-05-19'],
  ['gemini-3.5-flash-lite', 'Gemini 3.5 Flash-Lite', 1_048_576, 65_536, '2026-07-01'],
  ['gemini-3.1-flash-lite', 'Gemini 3.1 Flash-Lite', 1_048_576, 65_536, '2026-05-07'],
  ['gemini-3.1-pro-preview', 'Gemini 3.1 Pro Preview', 1_048_576, 65_536, '2026-02-19'],
  ['gemini-3-pro-preview', 'Gemini 3 Pro Preview', 1_048_576, 65_536, '2025-11-18'],
  ['gemini-3-flash-preview', 'Gemini 3 Flash Preview', 1_048_576, 65_536, '2025-12-17'],
  ['gemini-2.5-pro', 'Gemini 2.5 Pro', 1_048_576, 65_536, '2025-06-17'],
  ['gemini-2.5-flash', 'Gemini 2.5 Flash', 1_048_576, 65_536, '2025-06-17'],
  ['gemini-2.5-flash-lite', 'Gemini 2.5 Flash-Lite', 1_048_576, 65_536, '2025-06-17'],
]

/** @see https://github.com/QwenLM/qwen-code and behaviour of CLIProxyAPI, its registry of version 6 */
export const QWEN_MODELS: readonly CatalogueRow[] = [
  ['coder-model', 'Qwen Coder', 1_048_576, 65_536, '2026-02-15'],
  ['qwen3-coder-plus', 'Qwen3 Coder Plus', 1_048_576, 65_536, '2025-07-23'],
  ['qwen3-coder-flash', 'Qwen3 Coder Flash', 1_048_576, 65_536, '2025-07-28'],
  ['vision-model', 'Qwen Vision', 131_072, 32_768],
]

/** By the users' names. @see behaviour of CLIProxyAPI, `internal/registry/models/models.json` and `kimi_executor.go` */
export const KIMI_MODELS: readonly CatalogueRow[] = [
  ['kimi-k3', 'Kimi K3', 1_048_576, 65_536, '2026-07-15'],
  ['kimi-k3-256k', 'Kimi K3 256K', 262_144, 65_536, '2026-07-26'],
  ['kimi-for-coding', 'Kimi for Coding', 262_144, 65_536],
  ['kimi-k2.7-code', 'Kimi K2.7 Code', 262_144, 65_536, '2026-06-02'],
  ['kimi-k2.7-code-highspeed', 'Kimi K2.7 Code HighSpeed', 262_144, 65_536, '2026-06-02'],
  ['kimi-k2.6', 'Kimi K2.6', 262_144, 65_536, '2026-04-20'],
  ['kimi-k2.5', 'Kimi K2.5', 262_144, 32_768, '2026-01-27'],
  ['kimi-k2-thinking', 'Kimi K2 Thinking', 131_072, 32_768, '2025-11-06'],
  ['kimi-k2', 'Kimi K2', 131_072, 32_768, '2025-07-11'],
]

/** @see https://docs.x.ai/docs/models and behaviour of CLIProxyAPI, `internal/registry/models/models.json` */
export const XAI_MODELS: readonly CatalogueRow[] = [
  ['grok-4.6', 'Grok 4.6', 500 * K, 65_536, '2026-08-06'],
  ['grok-4.5', 'Grok 4.5', 500 * K, 65_536, '2026-07-08'],
  ['grok-4.3', 'Grok 4.3', 1_000_000, 65_536, '2026-04-08'],
  ['grok-build-0.1', 'Grok Build 0.1', 256 * K, 128 * K, '2026-05-21'],
  ['grok-4.20-0309-reasoning', 'Grok 4.20 Reasoning', 2_000_000, 65_536, '2026-03-09'],
  ['grok-4.20-0309-non-reasoning', 'Grok 4.20 Non-Reasoning', 2_000_000, 65_536, '2026-03-09'],
  ['grok-4.20-multi-agent-0309', 'Grok 4.20 Multi-Agent', 2_000_000, 65_536, '2026-03-09'],
  ['grok-composer-2.5-fast', 'Composer 2.5 Fast', 200 * K, 32_768],
  ['grok-3-mini', 'Grok 3 Mini', 131_072, 32_768, '2025-02-19'],
  ['grok-3-mini-fast', 'Grok 3 Mini Fast', 131_072, 32_768, '2025-02-19'],
]
