import type { JsonObject } from '../../ir/json.ts'
import type { OutputFormat, ReasoningRequest, Sampling } from '../../ir/request.ts'
import { presentFields, readObject } from '../../lib/json.ts'
import { levelFor } from '../shared/effort.ts'
import { openaiEffortFor } from '../shared/openai-efforts.ts'
import { isOpenaiReasoningModel, schemaNameFor } from '../shared/openai-options.ts'
import { encodeAnswerSchema } from '../shared/openai-schema.ts'
import type { RequestWriter } from './content-out.ts'

/** Less is refused. @see https://platform.openai.com/docs/api-reference/responses/create */
const MAX_TOKENS_MIN = 16

/** What asks the vendor for its reasoning in a form that the client can keep. */
const SEALED_REASONING = 'reasoning.encrypted_content'

/** This API has no stop sequences, and of the sampling fields only two. */
export function encodeSampling(sampling: Sampling, { isOwn, onLoss }: RequestWriter): JsonObject {
  const { maxTokens, temperature, topP, topK, stop, seed, frequencyPenalty, presencePenalty, ...rest } = sampling
  rest satisfies Record<string, never>
  const lose = (field: keyof Sampling, reason: string): void => onLoss({ path: `sampling.${field}`, reason })
  if (topK !== undefined) lose('topK', 'top-k')
  if (stop && stop.length > 0) lose('stop', 'stop')
  if (seed !== undefined) lose('seed', 'seed')
  if (frequencyPenalty) lose('frequencyPenalty', 'penalty')
  if (presencePenalty) lose('presencePenalty', 'penalty')
  const limit = isOwn || maxTokens === undefined ? maxTokens : Math.max(MAX_TOKENS_MIN, Math.floor(maxTokens))
  if (limit !== maxTokens) lose('maxTokens', 'max-tokens-range')
  return { max_output_tokens: limit, temperature, top_p: topP }
}

/** `text`; `own` has what else the client wrote in it. */
export function encodeText(
  format: OutputFormat | undefined,
  own: unknown,
  writer: RequestWriter,
): JsonObject | undefined {
  return presentFields({ ...(format && { format: encodeFormat(format, writer) }), ...readObject(own) })
}

function encodeFormat(format: OutputFormat, { isOwn, onLoss }: RequestWriter): JsonObject {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json') return { type: 'json_object' }
  const { schema, name, description, strict } = format
  const fitted = isOwn
    ? { schema, strict }
    : encodeAnswerSchema(schema, strict, (reason) => onLoss({ path: 'format', reason }))
  return { type: 'json_schema', name: schemaNameFor(name), description, ...fitted }
}

/** `reasoning`; `own` has what else the client wrote in it. As it likes is what every model does unasked. */
export function encodeReasoningRequest(
  asked: ReasoningRequest | undefined,
  model: string,
  own: unknown,
  { isOwn }: RequestWriter,
): JsonObject | undefined {
  if (!asked) return presentFields(readObject(own) ?? {})
  const { mode, level, budgetTokens, show } = asked
  if (isOwn) {
    const word = mode === 'off' ? 'none' : (level ?? (budgetTokens === undefined ? undefined : levelFor(budgetTokens)))
    return presentFields({ effort: word, summary: show, ...readObject(own) })
  }
  const effort = openaiEffortFor(model, asked)
  return presentFields({ effort, summary: mode === 'off' || show === 'hidden' ? undefined : summaryFor(show) })
}

/** Clients of other protocols are shown the thinking unless they want it hidden; this API shows summaries only. */
function summaryFor(show: string | undefined): string {
  return show === 'detailed' || show === 'concise' ? show : 'auto'
}

/**
 * What another protocol's client cannot say: that nothing is to be stored, as it cannot be asked for again, and that
 * the reasoning comes sealed, so that the client brings it back. Models that do not reason refuse to seal any.
 */
export function encodeKeeping(model: string, asked: ReasoningRequest | undefined): JsonObject {
  const isThinking = asked ? asked.mode !== 'off' : isOpenaiReasoningModel(model)
  return { store: false, include: isThinking ? [SEALED_REASONING] : undefined }
}
