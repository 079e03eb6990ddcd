import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest, OutputFormat, Sampling } from '../../ir/request.ts'
import { presentFields, readObject, type Fields } from '../../lib/json.ts'
import { FORMAT_TWIN, IDLE_TWIN } from './config-in.ts'
import type { ModelTraits } from './model-traits.ts'
import { projectSchema } from './schema-out.ts'
import { encodeThinking } from './thinking-out.ts'

/** More stop sequences are refused. @see https://ai.google.dev/api/generate-content#generationconfig */
const STOPS_MAX = 5

/** Seeds are 32-bit integers. @see https://ai.google.dev/api/generate-content#generationconfig */
const SEED_MAX = 2 ** 31 - 1

/** `generationConfig`; undefined when nothing is asked for. */
export function encodeConfig(request: ModelRequest, traits: ModelTraits, onLoss: OnLoss): JsonObject | undefined {
  const { sampling, extras } = request
  const own = extras?.gemini
  return presentFields({
    ...readObject(own?.['generationConfig']),
    ...readObject(own?.[IDLE_TWIN]),
    ...(own ? encodeOwnSampling(sampling) : encodeSampling(sampling, traits, onLoss)),
    ...encodeFormat(request, traits, onLoss),
    thinkingConfig: encodeThinking(request, traits, onLoss),
  })
}

/** A client of Gemini's own knows which model it asked for what. */
function encodeOwnSampling(sampling: Sampling): Fields {
  const { maxTokens, stop, temperature, topP, topK, seed, frequencyPenalty, presencePenalty, ...rest } = sampling
  rest satisfies Record<string, never>
  return {
    maxOutputTokens: maxTokens,
    stopSequences: stop,
    temperature,
    topP,
    topK,
    seed,
    frequencyPenalty,
    presencePenalty,
  }
}

function encodeSampling(sampling: Sampling, { outputTokensMax = Infinity }: ModelTraits, onLoss: OnLoss): Fields {
  const { maxTokens, stop, temperature, topP, topK, seed, frequencyPenalty, presencePenalty, ...rest } = sampling
  rest satisfies Record<string, never>
  const lose = (field: keyof Sampling, reason: string): void => onLoss({ path: `sampling.${field}`, reason })
  const fit = (field: keyof Sampling, value: number | undefined, min: number, max: number, reason: string) => {
    if (value === undefined) return undefined
    const near = Math.min(max, Math.max(min, value))
    if (near !== value) lose(field, reason)
    return near
  }
  // Newer models refuse them: "Penalty is not enabled".
  if (frequencyPenalty) lose('frequencyPenalty', 'penalty')
  if (presencePenalty) lose('presencePenalty', 'penalty')
  const isSeed = seed === undefined || (Number.isInteger(seed) && Math.abs(seed) <= SEED_MAX)
  if (!isSeed) lose('seed', 'seed-range')
  return {
    maxOutputTokens: fit('maxTokens', maxTokens && Math.floor(maxTokens), 1, outputTokensMax, 'max-tokens-range'),
    stopSequences: encodeStop(stop, (reason) => lose('stop', reason)),
    temperature: fit('temperature', temperature, 0, 2, 'temperature-range'),
    topP: fit('topP', topP, 0, 1, 'top-p-range'),
    topK: fit('topK', topK, 1, Infinity, 'top-k-range'),
    seed: isSeed ? seed : undefined,
  }
}

function encodeStop(
  stop: readonly string[] | undefined,
  lose: (reason: string) => void,
): readonly string[] | undefined {
  const words = stop?.filter((text) => text !== '') ?? []
  if (words.length > STOPS_MAX) lose('stop-count')
  return words.length > 0 ? words.slice(0, STOPS_MAX) : undefined
}

/** @see https://ai.google.dev/gemini-api/docs/structured-output */
function encodeFormat(request: ModelRequest, traits: ModelTraits, onLoss: OnLoss): Fields {
  const { format, tools, hosted, extras } = request
  const own = extras?.gemini
  const lose = (reason: string): void => onLoss({ path: 'format', reason })
  if (!format) return {}
  if (format.type !== 'text' && !own && tools.length + hosted.length > 0 && !traits.takesFormatWithTools) {
    lose('format-tools')
    return {}
  }
  switch (format.type) {
    case 'text':
      return own ? { responseMimeType: 'text/plain' } : {}
    case 'json':
      return { responseMimeType: 'application/json' }
    case 'schema':
      return readObject(own?.[FORMAT_TWIN]) ?? encodeSchemaFormat(format, lose)
  }
}

function encodeSchemaFormat(
  { schema, name, description }: Extract<OutputFormat, { type: 'schema' }>,
  lose: (reason: string) => void,
): Fields {
  if (name !== undefined || description !== undefined) lose('schema-name')
  return { responseMimeType: 'application/json', responseJsonSchema: projectSchema(schema, lose) }
}
