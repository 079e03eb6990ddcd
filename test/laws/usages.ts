import type { Frame } from '../../src/ir/codec.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { isObject, parseObject, readNumber, readObject, readObjects, type Fields } from '../../src/lib/json.ts'

/**
 * What an answer cost, however it is told: the input is what was neither read from a cache nor written to one, plus what
 * was. A part that is undefined was not told.
 */
export interface Bill {
  readonly uncached: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly spoken: number
  readonly thought?: number
}

/** What a client adds up from a usage object, by its vendor's documentation. */
export interface Tally {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  /** Undefined where a client of the protocol has no field for it. */
  readonly reasoning: number
  /** Where the object tells a total of its own. */
  readonly total: number | undefined
}

/** How one vendor bills, in its documentation's convention. */
export interface Convention {
  readonly protocol: Protocol
  readonly name: string
  /** The vendor has a word for tokens that were written to a cache. */
  readonly tellsWrites: boolean
  readonly write: (bill: Bill) => JsonObject
}

/**
 * Every convention that is in use.
 *
 * @see https://docs.claude.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
 * @see https://platform.openai.com/docs/guides/prompt-caching#requirements
 * @see https://platform.openai.com/docs/api-reference/responses/object#responses/object-usage
 * @see https://ai.google.dev/api/generate-content#UsageMetadata
 * @see https://api-docs.deepseek.com/guides/kv_cache
 * @see https://docs.x.ai/docs/guides/reasoning
 */
export const CONVENTIONS: readonly Convention[] = [
  {
    protocol: 'anthropic',
    name: 'Anthropic',
    tellsWrites: true,
    write: ({ uncached, cacheRead, cacheWrite, spoken, thought }) => ({
      input_tokens: uncached,
      cache_read_input_tokens: cacheRead,
      cache_creation_input_tokens: cacheWrite,
      output_tokens: spoken + (thought ?? 0),
      output_tokens_details: thought === undefined ? undefined : { thinking_tokens: thought },
    }),
  },
  {
    protocol: 'openai-chat',
    name: 'OpenAI Chat',
    tellsWrites: true,
    write: (bill) => ({
      ...chatTotals(bill, bill.spoken + (bill.thought ?? 0)),
      prompt_tokens_details: { cached_tokens: bill.cacheRead, cache_write_tokens: bill.cacheWrite },
      completion_tokens_details: { reasoning_tokens: bill.thought },
    }),
  },
  {
    protocol: 'openai-chat',
    name: 'DeepSeek',
    tellsWrites: false,
    write: (bill) => ({
      ...chatTotals(bill, bill.spoken + (bill.thought ?? 0)),
      prompt_cache_hit_tokens: bill.cacheRead,
      prompt_cache_miss_tokens: bill.uncached,
      completion_tokens_details: { reasoning_tokens: bill.thought },
    }),
  },
  {
    protocol: 'openai-chat',
    name: 'xAI, whose output leaves the reasoning out',
    tellsWrites: false,
    write: (bill) => ({
      ...chatTotals(bill, bill.spoken),
      total_tokens: inputOf(bill) + bill.spoken + (bill.thought ?? 0),
      prompt_tokens_details: { cached_tokens: bill.cacheRead },
      completion_tokens_details: { reasoning_tokens: bill.thought },
    }),
  },
  {
    protocol: 'openai-responses',
    name: 'OpenAI Responses',
    tellsWrites: true,
    write: (bill) => ({
      input_tokens: inputOf(bill),
      input_tokens_details: { cached_tokens: bill.cacheRead, cache_write_tokens: bill.cacheWrite },
      output_tokens: bill.spoken + (bill.thought ?? 0),
      output_tokens_details: { reasoning_tokens: bill.thought },
      total_tokens: inputOf(bill) + bill.spoken + (bill.thought ?? 0),
    }),
  },
  {
    protocol: 'gemini',
    name: 'Gemini',
    tellsWrites: false,
    write: (bill) => ({
      promptTokenCount: inputOf(bill),
      cachedContentTokenCount: bill.cacheRead,
      candidatesTokenCount: bill.spoken,
      thoughtsTokenCount: bill.thought,
      totalTokenCount: inputOf(bill) + bill.spoken + (bill.thought ?? 0),
    }),
  },
]

function inputOf({ uncached, cacheRead = 0, cacheWrite = 0 }: Bill): number {
  return uncached + cacheRead + cacheWrite
}

function chatTotals(bill: Bill, completion: number): JsonObject {
  return {
    prompt_tokens: inputOf(bill),
    completion_tokens: completion,
    total_tokens: inputOf(bill) + completion,
  }
}

/** Reads a usage object as a client of the protocol does. */
export const TALLIES: Readonly<Record<Protocol, (usage: Fields) => Tally>> = {
  anthropic: ({
    input_tokens,
    cache_read_input_tokens,
    cache_creation_input_tokens,
    output_tokens,
    output_tokens_details,
  }) => {
    const cacheRead = count(cache_read_input_tokens)
    const cacheWrite = count(cache_creation_input_tokens)
    return {
      input: count(input_tokens) + cacheRead + cacheWrite,
      cacheRead,
      cacheWrite,
      output: count(output_tokens),
      reasoning: count(readObject(output_tokens_details)?.['thinking_tokens']),
      total: undefined,
    }
  },
  'openai-chat': ({
    prompt_tokens,
    prompt_tokens_details,
    completion_tokens,
    completion_tokens_details,
    total_tokens,
  }) => openaiTally(prompt_tokens, prompt_tokens_details, completion_tokens, completion_tokens_details, total_tokens),
  'openai-responses': ({ input_tokens, input_tokens_details, output_tokens, output_tokens_details, total_tokens }) =>
    openaiTally(input_tokens, input_tokens_details, output_tokens, output_tokens_details, total_tokens),
  gemini: ({
    promptTokenCount,
    toolUsePromptTokenCount,
    cachedContentTokenCount,
    candidatesTokenCount,
    thoughtsTokenCount,
    totalTokenCount,
  }) => {
    const reasoning = count(thoughtsTokenCount)
    return {
      input: count(promptTokenCount) + count(toolUsePromptTokenCount),
      cacheRead: count(cachedContentTokenCount),
      cacheWrite: 0,
      output: count(candidatesTokenCount) + reasoning,
      reasoning,
      total: readNumber(totalTokenCount),
    }
  },
}

function openaiTally(
  input: unknown,
  inputDetails: unknown,
  output: unknown,
  outputDetails: unknown,
  total: unknown,
): Tally {
  const { cached_tokens, cache_write_tokens } = readObject(inputDetails) ?? {}
  return {
    input: count(input),
    cacheRead: count(cached_tokens),
    cacheWrite: count(cache_write_tokens),
    output: count(output),
    reasoning: count(readObject(outputDetails)?.['reasoning_tokens']),
    total: readNumber(total),
  }
}

function count(value: unknown): number {
  return readNumber(value) ?? 0
}

const USAGE_FIELDS = ['usage', 'usageMetadata']

/** The last word of an answer on its usage, as the SDK of its protocol has it; of a stream all events. */
export function usageFrom(answer: readonly JsonObject[]): Fields | undefined {
  let usage: Fields | undefined
  for (const { message, response, ...event } of answer) {
    const told = [event, readObject(message), readObject(response)].flatMap((holder) =>
      readObjects(USAGE_FIELDS.map((field) => holder?.[field])),
    )
    // Anthropic's SDK lays the later count over the earlier one; the others tell it once or as a whole.
    for (const counts of told) usage = { ...usage, ...counts }
  }
  return usage
}

/** The same answer with another usage wherever it tells one. */
export function withUsage(value: unknown, usage: JsonObject): unknown {
  if (Array.isArray(value)) return value.map((item) => withUsage(item, usage))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      USAGE_FIELDS.includes(key) && isObject(inner) ? [key, usage] : [key, withUsage(inner, usage)],
    ),
  )
}

/** The objects of a stream's frames; what is none, such as the mark of the end, is left out. */
export function objectsOf(frames: readonly Frame[]): readonly JsonObject[] {
  return readObjects(frames.map(({ data }) => parseObject(data)))
}
