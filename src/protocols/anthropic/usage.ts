import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { readNumber, readObject, type Fields } from '../../lib/json.ts'

/** Anthropic's usage object; undefined when it counts nothing. */
export function decodeUsage(raw: Fields | undefined): Usage | undefined {
  if (!raw) return undefined
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens_details } =
    raw
  const input = readNumber(input_tokens)
  const output = readNumber(output_tokens)
  if (input === undefined && output === undefined) return undefined
  const cacheReadTokens = readNumber(cache_read_input_tokens)
  const cacheWriteTokens = readNumber(cache_creation_input_tokens)
  const { thinking_tokens } = readObject(output_tokens_details) ?? {}
  return {
    inputTokens: (input ?? 0) + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    outputTokens: output ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens: readNumber(thinking_tokens),
    extras: { anthropic: raw },
  }
}

/** The usage of a later event laid over that of an earlier one: of every count the last one said holds. */
export function laterUsage(before: Fields | undefined, later: Fields | undefined): Fields | undefined {
  if (!before || !later) return before ?? later
  const merged: Record<string, unknown> = { ...before }
  for (const key in later) if (later[key] !== null) merged[key] = later[key]
  return merged
}

/** Usage in Anthropic's words; counts nobody told are left out, but for the two that must be there. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  if (!usage) return { input_tokens: 0, output_tokens: 0 }
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens, extras } = usage
  const counts = {
    input_tokens: Math.max(0, inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: outputTokens,
    output_tokens_details: reasoningTokens === undefined ? undefined : { thinking_tokens: reasoningTokens },
  }
  const own = extras?.anthropic
  return own ? { ...counts, ...own } : counts
}
