import type { EffortLevel } from '../../ir/request.ts'

/** What a model's name tells of the requests it takes. */
export interface ModelTraits {
  /** Major × 100 + minor; undefined when the name does not say. */
  readonly version?: number
  /** `budget`: thinking takes a budget in tokens. `level`: it takes a level. */
  readonly thinking: 'none' | 'budget' | 'level'
  /** The levels it takes, the least first. */
  readonly levels: readonly EffortLevel[]
  /** Least and most tokens of thinking. */
  readonly budgetTokens: readonly [min: number, max: number]
  /** Thinking can be turned off. */
  readonly isStoppable: boolean
  /** Most tokens of an answer, thinking included; undefined when nobody knows. */
  readonly outputTokensMax?: number
  /** The first call of each of its turns must have a signature. */
  readonly signsCalls: boolean
  /** Results of functions may hold media. */
  readonly takesResultMedia: boolean
  /** It fetches media from the web. */
  readonly takesUrls: boolean
  /** Answers in JSON go together with functions. */
  readonly takesFormatWithTools: boolean
}

/**
 * By the version in the name. A model that does not tell its version (`gemini-flash-latest`, a user's alias) is taken
 * for a new one.
 *
 * @see https://ai.google.dev/gemini-api/docs/thinking
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 * @see https://ai.google.dev/gemini-api/docs/function-calling#multimodal
 * @see https://ai.google.dev/gemini-api/docs/file-input-methods
 */
export function modelTraitsFor(model: string): ModelTraits {
  const name = model.toLowerCase()
  const version = readVersion(name)
  const isNew = version === undefined || version >= 300
  return {
    version,
    thinking: isNew ? 'level' : version < 205 || /image|tts/.test(name) ? 'none' : 'budget',
    levels: levelsFor(name, version),
    budgetTokens: name.includes('pro') ? [128, 32_768] : name.includes('lite') ? [512, 24_576] : [1, 24_576],
    isStoppable: !isNew && !name.includes('pro'),
    outputTokensMax: version === undefined ? undefined : version < 205 ? 8192 : 65_536,
    signsCalls: isNew,
    takesResultMedia: isNew,
    takesUrls: version === undefined || version >= 205,
    takesFormatWithTools: isNew,
  }
}

/** `gemini-3-pro` took no medium level, and of the Flash models those from 3.7 on take no minimal one. */
function levelsFor(name: string, version: number | undefined): readonly EffortLevel[] {
  if (version === 300 && name.includes('pro')) return ['low', 'high']
  return version !== undefined && version < 307 && name.includes('flash')
    ? ['minimal', 'low', 'medium', 'high']
    : ['low', 'medium', 'high']
}

/** From `gemini-2.5-pro`, `gemini-3-flash-preview`, `gemini-live-2.5-flash` …; dates are no versions. */
function readVersion(name: string): number | undefined {
  const match = /gemini-(?:[a-z]+-)*(\d{1,2})(?!\d)(?:\.(\d{1,2})(?!\d))?/.exec(name)
  if (!match) return undefined
  const [, major = '0', minor = '0'] = match
  return Number(major) * 100 + Number(minor)
}
