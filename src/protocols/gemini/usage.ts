import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { readNumber, type Fields } from '../../lib/json.ts'

/**
 * Gemini's usage, whose counts stand beside each other; undefined when it counts nothing.
 *
 * @param raw with camelCase names
 * @see https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function decodeUsage(raw: Fields | undefined): Usage | undefined {
  if (!raw) return undefined
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, toolUsePromptTokenCount } = raw
  const prompt = readNumber(promptTokenCount)
  const candidates = readNumber(candidatesTokenCount)
  const thoughts = readNumber(thoughtsTokenCount)
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined
  return {
    inputTokens: (prompt ?? 0) + (readNumber(toolUsePromptTokenCount) ?? 0),
    outputTokens: (candidates ?? 0) + (thoughts ?? 0),
    cacheReadTokens: readNumber(raw['cachedContentTokenCount']),
    reasoningTokens: thoughts,
    extras: { gemini: raw },
  }
}

/**
 * What counts after a further chunk told its usage: the last one that counted anything, for many begin with zeros.
 *
 * @param later with camelCase names
 */
export function laterUsage(before: Fields | undefined, later: Fields): Fields {
  return before && !isCounting(later) && isCounting(before) ? before : later
}

function isCounting({ promptTokenCount, candidatesTokenCount, thoughtsTokenCount }: Fields): boolean {
  return isCount(promptTokenCount) || isCount(candidatesTokenCount) || isCount(thoughtsTokenCount)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}

/** Gemini's own usage as it told it, any other in Gemini's words. */
export function encodeUsage(usage: Usage): JsonObject {
  const {
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens: _written,
    reasoningTokens,
    extras,
    ...rest
  } = usage
  rest satisfies Record<string, never>
  if (extras?.gemini) return extras.gemini
  return {
    promptTokenCount: inputTokens,
    cachedContentTokenCount: cacheReadTokens,
    candidatesTokenCount: Math.max(0, outputTokens - (reasoningTokens ?? 0)),
    thoughtsTokenCount: reasoningTokens,
    totalTokenCount: inputTokens + outputTokens,
  }
}
