import { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { BoundRequest, ModelRequest } from '../../ir/request.ts'
import { presentFields, readText } from '../../lib/json.ts'
import { optionalBoolean } from '../shared/fields.ts'
import { decodeConfig } from './config-in.ts'
import { decodeContents, decodeSystem } from './contents-in.ts'
import { camelFields, camelObject } from './json-case.ts'
import { decodeToolConfig, decodeTools } from './tools-in.ts'

/**
 * A generateContent request, in camelCase or snake_case. The model stands in the URL alone: a `model` in the body is
 * what a client repeats of it. `extras.gemini` is always there, so that the encoder knows its own client's request.
 *
 * @throws {Fault} invalid-request, naming the path.
 * @see https://ai.google.dev/api/generate-content
 */
export function decodeRequest(body: JsonObject): ModelRequest {
  const {
    model: _model,
    stream,
    contents,
    systemInstruction,
    tools,
    toolConfig,
    generationConfig,
    ...unread
  } = readRequest(body)
  const config = decodeConfig(generationConfig)
  const calling = decodeToolConfig(toolConfig)
  return {
    model: '',
    stream: optionalBoolean(stream, 'stream') ?? false,
    system: decodeSystem(systemInstruction),
    turns: decodeContents(contents),
    ...decodeTools(tools),
    toolChoice: calling.toolChoice,
    format: config.format,
    reasoning: config.reasoning,
    sampling: config.sampling,
    bound: boundBy(unread['cachedContent']),
    extras: { gemini: presentFields({ ...withoutNulls(unread), ...calling.own, ...config.own }) ?? {} },
  }
}

/** The request itself: a question for its number of tokens wraps it. @see https://ai.google.dev/api/tokens */
function readRequest(body: JsonObject): JsonObject {
  const fields = camelFields(body)
  return camelObject(fields['generateContentRequest']) ?? fields
}

/** @see https://ai.google.dev/gemini-api/docs/caching */
function boundBy(cachedContent: unknown): BoundRequest | undefined {
  if (readText(cachedContent) === undefined) return undefined
  const message =
    'cachedContent: the cache is kept by Google, and the model is another vendor’s. Send the whole conversation instead.'
  return { protocol: 'gemini', refusal: new Fault('invalid-request', message, { param: 'cachedContent' }) }
}

/** Null is protobuf's word for a field that is not there. */
function withoutNulls(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
