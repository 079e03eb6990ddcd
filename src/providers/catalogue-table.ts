/** One well-known model: `[id, name for people, context tokens, output tokens, day of release]`. */
export type CatalogueRow = readonly [
  id: string,
  displayName: string,
  contextTokens: number,
  outputTokens: number,
  released?: string,
]

const M = 1_000_000
const K = 1000

/** @see https://platform.claude.com/docs/en/models and https://platform.claude.com/docs/en/about-claude/model-deprecations */
export const CLAUDE_MODELS: readonly CatalogueRow[] = [
  ['claude-fable-5-2', 'Claude Fable 5.2', M, 128 * K],
  ['claude-fable-5-1', 'Claude Fable 5.1', M, 128 * K],
  ['claude-opus-5-5', 'Claude Opus 5.5', M, 128 * K],
  ['claude-sonnet-5-5', 'Claude Sonnet 5.5', M, 128 * K],
  ['claude-haiku-5-5', 'Claude Haiku 5.5', M, 128 * K],
  ['claude-opus-5', 'Claude Opus 5', M, 128 * K, '2026-07-24'],
  ['claude-sonnet-5', 'Claude Sonnet 5', M, 128 * K, '2026-06-30'],
  ['claude-fable-5', 'Claude Fable 5', M, 128 * K, '2026-06-09'],
  ['claude-opus-4-8', 'Claude Opus 4.8', M, 128 * K, '2026-05-28'],
  ['claude-opus-4-7', 'Claude Opus 4.7', M, 128 * K, '2026-04-16'],
  ['claude-sonnet-4-6', 'Claude Sonnet 4.6', M, 64 * K, '2026-02-17'],
  ['claude-opus-4-6', 'Claude Opus 4.6', M, 128 * K, '2026-02-05'],
  ['claude-opus-4-5', 'Claude Opus 4.5', 200 * K, 64 * K, '2025-11-24'],
  ['claude-haiku-4-5', 'Claude Haiku 4.5', 200 * K, 64 * K, '2025-10-15'],
  ['claude-sonnet-4-5', 'Claude Sonnet 4.5', 200 * K, 64 * K, '2025-09-29'],
]

/** Models that are no longer offered to new users but still named in configurations: known for their limits only. */
export const OLDER_MODELS: readonly CatalogueRow[] = [
  ['claude-opus-4-1', 'Claude Opus 4.1', 200 * K, 32 * K, '2025-08-05'],
  ['claude-opus-4', 'Claude Opus 4', 200 * K, 32 * K, '2025-05-22'],
  ['claude-sonnet-4', 'Claude Sonnet 4', 200 * K, 64 * K, '2025-05-22'],
  ['claude-3-7-sonnet', 'Claude Sonnet 3.7', 200 * K, 64 * K, '2025-02-19'],
  ['claude-3-5-haiku', 'Claude Haiku 3.5', 200 * K, 8192, '2024-10-22'],
  ['claude-3-5-sonnet', 'Claude Sonnet 3.5', 200 * K, 8192, '2024-06-20'],
  ['claude-3-haiku', 'Claude Haiku 3', 200 * K, 4096, '2024-03-13'],
  ['claude-3-opus', 'Claude Opus 3', 200 * K, 4096, '2024-02-29'],
  ['gpt-4o', 'GPT-4o', 128 * K, 16_384, '2024-05-13'],
  ['gpt-4o-mini', 'GPT-4o mini', 128 * K, 16_384, '2024-07-18'],
  ['gpt-4-turbo', 'GPT-4 Turbo', 128 * K, 4096, '2023-11-06'],
  ['o1', 'o1', 200 * K, 100 * K, '2024-12-05'],
  ['o3-mini', 'o3-mini', 200 * K, 100 * K, '2024-12-20'],
  ['gemini-2.0-flash', 'Gemini 2.0 Flash', 1_048_576, 8192, '2024-12-11'],
  ['gemini-2.0-flash-lite', 'Gemini 2.0 Flash-Lite', 1_048_576, 8192, '2024-12-11'],
]

/** @see https://developers.openai.com/api/docs/models */
export const GPT_MODELS: readonly CatalogueRow[] = [
  ['gpt-6.1-sol', 'GPT-6.1 Sol', 1_050_000, 128 * K, '2026-09-29'],
  ['gpt-6-sol', 'GPT-6 Sol', 1_050_000, 128 * K],
  ['gpt-5.6-sol', 'GPT-5.6 Sol', 1_050_000, 128 * K, '2026-07-09'],
  ['gpt-5.6-terra', 'GPT-5.6 Terra', 1_050_000, 128 * K, '2026-07-09'],
  ['gpt-5.6-luna', 'GPT-5.6 Luna', 1_050_000, 128 * K, '2026-07-09'],
  ['gpt-5.5', 'GPT-5.5', 1_050_000, 128 * K, '2026-04-23'],
  ['gpt-5.4', 'GPT-5.4', 1_050_000, 128 * K, '2026-03-05'],
  ['gpt-5.4-mini', 'GPT-5.4 mini', 400 * K, 128 * K, '2026-03-17'],
  ['gpt-5.4-nano', 'GPT-5.4 nano', 400 * K, 128 * K, '2026-03-17'],
  ['gpt-5.3-codex', 'GPT-5.3 Codex', 400 * K, 128 * K, '2026-02-05'],
  ['gpt-5.2', 'GPT-5.2', 400 * K, 128 * K, '2025-12-11'],
  ['gpt-5.1', 'GPT-5.1', 400 * K, 128 * K, '2025-11-13'],
  ['gpt-5', 'GPT-5', 400 * K, 128 * K, '2025-08-07'],
  ['gpt-5-mini', 'GPT-5 mini', 400 * K, 128 * K, '2025-08-07'],
  ['gpt-5-nano', 'GPT-5 nano', 400 * K, 128 * K, '2025-08-07'],
  ['gpt-4.1', 'GPT-4.1', 1_047_576, 32_768, '2025-04-14'],
  ['gpt-4.1-mini', 'GPT-4.1 mini', 1_047_576, 32_768, '2025-04-14'],
  ['o3', 'o3', 200 * K, 100 * K, '2025-04-16'],
  ['o4-mini', 'o4-mini', 200 * K, 100 * K, '2025-04-16'],
]

/** @see https://ai.google.dev/gemini-api/docs/models */
export const GEMINI_MODELS: readonly CatalogueRow[] = [
  ['gemini-3.8-flash', 'Gemini 3.8 Flash', 1_048_576, 65_536, '2026-09-02'],
  ['gemini-3.7-flash', 'Gemini 3.7 Flash', 1_048_576, 65_536],
  ['gemini-3.5-flash', 'Gemini 3.5 Flash', 1_048_576, 65_536, '2026-05-19'],
  ['gemini-3.1-flash-lite', 'Gemini 3.1 Flash-Lite', 1_048_576, 65_536, '2026-05-07'],
  ['gemini-3.1-pro-preview', 'Gemini 3.1 Pro Preview', 1_048_576, 65_536, '2026-02-19'],
  ['gemini-3-flash-preview', 'Gemini 3 Flash Preview', 1_048_576, 65_536, '2025-12-17'],
  ['gemini-2.5-pro', 'Gemini 2.5 Pro', 1_048_576, 65_536, '2025-06-17'],
  ['gemini-2.5-flash', 'Gemini 2.5 Flash', 1_048_576, 65_536, '2025-06-17'],
  ['gemini-2.5-flash-lite', 'Gemini 2.5 Flash-Lite', 1_048_576, 65_536, '2025-06-17'],
]
