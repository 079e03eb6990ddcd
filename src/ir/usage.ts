import type { Extras } from './protocol.ts'

/**
 * Tokens of one answer. Totals include their subsets: `inputTokens` includes cache reads and writes, `outputTokens`
 * includes reasoning. A subset that the vendor did not report is absent.
 *
 * | field            | anthropic                        | openai-chat                    | openai-responses            | gemini                       |
 * |------------------|----------------------------------|--------------------------------|-----------------------------|------------------------------|
 * | inputTokens      | input_tokens + cache read +      | prompt_tokens                  | input_tokens                | promptTokenCount +           |
 * |                  | cache creation                   |                                |                             | toolUsePromptTokenCount      |
 * | cacheReadTokens  | cache_read_input_tokens          | …details.cached_tokens         | …details.cached_tokens      | cachedContentTokenCount      |
 * | cacheWriteTokens | cache_creation_input_tokens      | …details.cache_write_tokens    | …details.cache_write_tokens | –                            |
 * | outputTokens     | output_tokens                    | completion_tokens              | output_tokens               | candidatesTokenCount +       |
 * |                  |                                  |                                |                             | thoughtsTokenCount           |
 * | reasoningTokens  | …details.thinking_tokens         | …details.reasoning_tokens      | …details.reasoning_tokens   | thoughtsTokenCount           |
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
  /** The vendor's own usage object, under its protocol. */
  readonly extras?: Extras
}
