import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { type Fields, readNumber, readObject } from '../../lib/json.ts'

/**
 * The tokens that a usage object tells; undefined when it tells none. A vendor that leaves the reasoning out of its
 * output is given away by its own numbers, and it is added.
 */
export function readUsage(value: unknown): Usage | undefined {
  const usage = readObject(value)
  if (!usage) return undefined
  const { input_tokens, output_tokens, total_tokens, input_tokens_details, output_tokens_details } = usage
  const input = readNumber(input_tokens)
  const output = readNumber(output_tokens)
  if (input === undefined && output === undefined) return undefined
  const { cached_tokens, cache_write_tokens } = readObject(input_tokens_details) ?? {}
  const { reasoning_tokens } = readObject(output_tokens_details) ?? {}
  const reasoning = readNumber(reasoning_tokens) ?? 0
  const said = output ?? 0
  const isReasoningApart = reasoning > said || (reasoning > 0 && total_tokens === (input ?? 0) + said + reasoning)
  return {
    inputTokens: input ?? 0,
    outputTokens: isReasoningApart ? said + reasoning : said,
    cacheReadTokens: readNumber(cached_tokens),
    cacheWriteTokens: readNumber(cache_write_tokens),
    reasoningTokens: readNumber(reasoning_tokens),
    extras: { 'openai-responses': usage },
  }
}

/**
 * Usage with all that clients insist on: totals and both objects of details, nought for what nobody told.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/object#responses/object-usage
 */
export function writeUsage(usage: Usage | undefined): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens, cacheWriteTokens, reasoningTokens, extras } = usage ?? {}
  const { input_tokens_details, output_tokens_details, ...own }: Fields = extras?.['openai-responses'] ?? {}
  return {
    ...own,
    input_tokens: inputTokens,
    input_tokens_details: {
      ...readObject(input_tokens_details),
      cached_tokens: cacheReadTokens ?? 0,
      cache_write_tokens: cacheWriteTokens,
    },
    output_tokens: outputTokens,
    output_tokens_details: { ...readObject(output_tokens_details), reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  }
}
