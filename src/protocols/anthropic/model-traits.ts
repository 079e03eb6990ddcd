/** What a model's name tells of the requests it takes. */
export interface ModelTraits {
  /** `budget`: thinking takes a budget in tokens. `adaptive`: it takes a level of effort. */
  readonly thinking: 'none' | 'budget' | 'adaptive'
  /** The words for effort beyond high. */
  readonly topEfforts: readonly ('xhigh' | 'max')[]
  /** Most tokens of an answer, thinking included; absent when nobody knows. */
  readonly outputTokensMax?: number
  /** Sampling fields: `one` means temperature or top_p, not both. */
  readonly sampling: 'all' | 'one' | 'none'
  /** The conversation may end with the beginning of the answer. */
  readonly takesPrefill: boolean
  /** Vendor's own: the strict reading of JSON Schema holds. */
  readonly isClaude: boolean
}

/**
 * By the version in the name. A Claude of unknown version is taken for a new one; another vendor's model, behind an
 * API that is merely compatible, for one that understands what every client sends.
 *
 * @see https://docs.claude.com/en/docs/about-claude/models/overview
 * @see https://docs.claude.com/en/docs/build-with-claude/adaptive-thinking
 */
export function modelTraitsFor(model: string): ModelTraits {
  const name = model.toLowerCase()
  if (!name.includes('claude')) return COMPATIBLE
  const version = readVersion(name)
  if (version === undefined)
    return { thinking: 'adaptive', topEfforts: ['max'], sampling: 'all', takesPrefill: true, isClaude: true }
  if (version < 305) return { ...OLD, thinking: 'none', outputTokensMax: 4096 }
  if (version < 307) return { ...OLD, thinking: 'none', outputTokensMax: 8192 }
  if (version < 406) {
    const outputTokensMax = name.includes('opus') && version < 405 ? 32_000 : 64_000
    return { ...OLD, thinking: 'budget', outputTokensMax, sampling: version > 400 ? 'one' : 'all' }
  }
  const isNew = version > 406
  return {
    thinking: 'adaptive',
    topEfforts: isNew ? ['xhigh', 'max'] : ['max'],
    sampling: isNew ? 'none' : 'one',
    takesPrefill: false,
    isClaude: true,
  }
}

const COMPATIBLE: ModelTraits = {
  thinking: 'budget',
  topEfforts: ['max'],
  sampling: 'all',
  takesPrefill: true,
  isClaude: false,
}

const OLD: Omit<ModelTraits, 'thinking'> = { topEfforts: [], sampling: 'all', takesPrefill: true, isClaude: true }

/** Major × 100 + minor, from `claude-3-7-sonnet`, `claude-opus-4-20250514`, `claude-sonnet-4.5` …; dates are no versions. */
function readVersion(name: string): number | undefined {
  const match = /claude-(?:[a-z]+-)*(\d)(?!\d)(?:[.-](\d{1,2})(?!\d))?/.exec(name)
  if (!match) return undefined
  const [, major = '0', minor = '0'] = match
  return Number(major) * 100 + Number(minor)
}
