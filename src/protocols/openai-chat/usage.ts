import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { type Fields, readNumber, readObject } from '../../lib/json.ts'

/**
 * The tokens that a usage object tells, in any vendor's dialect; undefined when it tells none.
 *
 * Some vendors leave subsets out of their totals: xAI and gateways to Gemini the reasoning, gateways to Claude the
 * cache. Their own numbers give it away, and it is added.
 */
export function readUsage(value: unknown): Usage | undefined {
  const usage = readObject(value)
  if (!usage) return undefined
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = usage
  const prompt = readNumber(prompt_tokens)
  const completion = readNumber(completion_tokens)
  if (prompt === undefined && completion === undefined) return undefined
  const { reasoning_tokens: innerReasoning } = readObject(completion_tokens_details) ?? {}
  const { reasoning_tokens } = usage
  const reasoningTokens = readNumber(innerReasoning) ?? readNumber(reasoning_tokens)
  const { cacheReadTokens, cacheWriteTokens } = readCache(usage, readObject(prompt_tokens_details) ?? {})
  const cached = (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0)
  const input = prompt ?? 0
  const output = completion ?? 0
  const reasoning = reasoningTokens ?? 0
  const isReasoningApart = reasoning > output || (reasoning > 0 && total_tokens === input + output + reasoning)
  return {
    inputTokens: cached > input ? input + cached : input,
    outputTokens: isReasoningApart ? output + reasoning : output,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens,
    extras: { 'openai-chat': usage },
  }
}

/** The usage that a chunk tells. Groq's older place for it counts only where no other told one before. */
export function readChunkUsage({ usage, x_groq }: Fields, before: Usage | undefined): Usage | undefined {
  if (usage !== undefined && usage !== null) return readUsage(usage)
  return before ? undefined : readUsage(readObject(x_groq)?.['usage'])
}

/** OpenAI's and OpenRouter's words first, then those of DeepSeek, Moonshot and gateways to Claude. */
function readCache(usage: Fields, details: Fields): Pick<Usage, 'cacheReadTokens' | 'cacheWriteTokens'> {
  const { cached_tokens: innerRead, cache_write_tokens } = details
  const { prompt_cache_hit_tokens, cached_tokens, cache_read_input_tokens, cache_creation_input_tokens } = usage
  return {
    cacheReadTokens:
      readNumber(innerRead) ??
      readNumber(prompt_cache_hit_tokens) ??
      readNumber(cached_tokens) ??
      readNumber(cache_read_input_tokens),
    cacheWriteTokens: readNumber(cache_write_tokens) ?? readNumber(cache_creation_input_tokens),
  }
}

/** True when nothing was counted yet: some vendors send such a usage with every chunk. */
export function isBlankUsage({ inputTokens, outputTokens }: Usage): boolean {
  return inputTokens === 0 && outputTokens === 0
}

/** @see https://platform.openai.com/docs/api-reference/completions/object#completions/object-usage */
export function writeUsage(usage: Usage): JsonObject {
  const {
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens,
    extras: _extras,
    ...rest
  } = usage
  rest satisfies Record<string, never>
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens ?? 0, cache_write_tokens: cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
  }
}
