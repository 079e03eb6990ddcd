import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest, OutputFormat } from '../../ir/request.ts'
import { isObject, presentFields, readObject, readText, type Fields } from '../../lib/json.ts'
import { invalidField, kindOf, optionalList, optionalNumber } from '../shared/fields.ts'
import { camelFields } from './json-case.ts'
import { jsonSchemaFor } from './schema-in.ts'
import { decodeReasoning, THINKING_TWIN } from './thinking-in.ts'
import { readJsonSchema } from './tools-in.ts'

/** Under this name the extras keep the fields of the answer's format as the client wrote them. */
export const FORMAT_TWIN = '$format'

/** Under this name the extras keep fields that ask for nothing but the default. */
export const IDLE_TWIN = '$idle'

/** What `generationConfig` asks for, and what of it only Gemini knows. */
export interface Config extends Pick<ModelRequest, 'sampling' | 'format' | 'reasoning'> {
  readonly own: JsonObject
}

/** @throws {Fault} invalid-request @see https://ai.google.dev/api/generate-content#generationconfig */
export function decodeConfig(value: unknown): Config {
  if (value !== undefined && value !== null && !isObject(value))
    throw invalidField('generationConfig', `must be an object, not ${kindOf(value)}.`)
  const {
    maxOutputTokens,
    temperature,
    topP,
    topK,
    stopSequences,
    seed,
    frequencyPenalty,
    presencePenalty,
    responseMimeType,
    responseSchema,
    responseJsonSchema,
    thinkingConfig,
    ...rest
  } = camelFields(value ?? {})
  const fields = presentFields({ responseMimeType, responseSchema, responseJsonSchema })
  const format = decodeFormat(fields ?? {})
  const { idle, others } = splitIdle(rest)
  return {
    sampling: {
      maxTokens: readDecimal(maxOutputTokens, 'maxOutputTokens'),
      temperature: readDecimal(temperature, 'temperature'),
      topP: readDecimal(topP, 'topP'),
      topK: readDecimal(topK, 'topK'),
      stop: decodeStop(stopSequences),
      seed: readDecimal(seed, 'seed'),
      frequencyPenalty: readDecimal(frequencyPenalty, 'frequencyPenalty'),
      presencePenalty: readDecimal(presencePenalty, 'presencePenalty'),
    },
    format,
    reasoning: decodeReasoning(thinkingConfig),
    own: {
      generationConfig: presentFields(format ? others : { ...others, ...fields }),
      [IDLE_TWIN]: idle,
      [FORMAT_TWIN]: format?.type === 'schema' ? fields : undefined,
      [THINKING_TWIN]: readObject(thinkingConfig),
    },
  }
}

/** What the format's fields ask for; undefined when they ask for nothing that other vendors know. */
function decodeFormat({ responseMimeType, responseSchema, responseJsonSchema }: Fields): OutputFormat | undefined {
  const mime = readText(responseMimeType)
  if (mime === 'text/plain') return { type: 'text' }
  if (mime !== undefined && mime !== 'application/json') return undefined
  const standard = readObject(responseJsonSchema)
  const own = readObject(responseSchema)
  const schema = standard ? readJsonSchema(standard) : own && jsonSchemaFor(own)
  if (schema) return { type: 'schema', schema }
  return mime && { type: 'json' }
}

/** Protobuf's JSON may write numbers as strings. @throws {Fault} invalid-request */
function readDecimal(value: unknown, field: string): number | undefined {
  const path = `generationConfig.${field}`
  if (typeof value !== 'string') return optionalNumber(value, path)
  return optionalNumber(value.trim() === '' ? value : Number(value), path)
}

function decodeStop(value: unknown): readonly string[] | undefined {
  const path = 'generationConfig.stopSequences'
  const list = typeof value === 'string' ? [value] : optionalList(value, path)
  if (!list || list.length === 0) return undefined
  return list.map((stop, index) => {
    if (typeof stop !== 'string') throw invalidField(`${path}.${index}`, `must be a string, not ${kindOf(stop)}.`)
    return stop
  })
}

/** Words alone and one answer are what every vendor gives unasked: nobody needs to be told that they were left out. */
function splitIdle(fields: Fields): { readonly idle: Fields | undefined; readonly others: Fields } {
  const idle: Record<string, unknown> = {}
  const others: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue
    const isIdle =
      (name === 'candidateCount' && value === 1) ||
      (name === 'responseModalities' && Array.isArray(value) && value.every((modality) => modality === 'TEXT'))
    const side = isIdle ? idle : others
    side[name] = value
  }
  return { idle: presentFields(idle), others }
}
