import type { Fields } from '../../src/lib/json.ts'
import { dataOf, words, type Saying, type Vendor } from './saying.ts'

/** Google's Gemini API. */
export const geminiVendor: Vendor = {
  whole: (saying) => geminiAnswer([...partsOf(saying)], 'STOP'),
  stream: geminiStream,
  error: geminiError,
  errorEvent: (type, message) => dataOf(geminiError(type, message)),
}

/** Google's words for what Anthropic says. */
const STATUSES: Readonly<Record<string, readonly [number, string]>> = {
  invalid_request_error: [400, 'INVALID_ARGUMENT'],
  authentication_error: [401, 'UNAUTHENTICATED'],
  permission_error: [403, 'PERMISSION_DENIED'],
  not_found_error: [404, 'NOT_FOUND'],
  rate_limit_error: [429, 'RESOURCE_EXHAUSTED'],
  overloaded_error: [503, 'UNAVAILABLE'],
}

function geminiError(type: string, message: string): Fields {
  const [code, status] = STATUSES[type] ?? [500, 'INTERNAL']
  return { error: { code, message, status } }
}

/** A signature stands on the first part after the thinking, as Gemini has it. */
function* partsOf({ text, thinking, call }: Saying): Generator<Fields> {
  if (thinking !== undefined) yield { text: thinking, thought: true }
  const sealed = thinking === undefined ? {} : { thoughtSignature: 'c2lnbmF0dXJl' }
  if (text !== undefined) yield { text, ...(call ? {} : sealed) }
  if (call) yield { functionCall: { id: call.id, name: call.name, args: call.input }, ...sealed }
}

function geminiAnswer(parts: readonly Fields[], finishReason?: string): Fields {
  const usage = { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 }
  return {
    candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }],
    usageMetadata: finishReason === undefined ? { promptTokenCount: 11, totalTokenCount: 11 } : usage,
    modelVersion: 'upstream-model',
    responseId: 'gemini-1',
  }
}

function* geminiStream(saying: Saying): Generator<string> {
  for (const part of partsOf(saying)) {
    const { text, ...rest } = part
    if (typeof text !== 'string') yield dataOf(geminiAnswer([part]))
    else {
      const pieces = words(text)
      for (const [at, piece] of pieces.entries()) {
        const { thought } = rest
        yield dataOf(geminiAnswer([at === pieces.length - 1 ? { text: piece, ...rest } : { text: piece, thought }]))
      }
    }
  }
  yield dataOf(geminiAnswer([{ text: '' }], 'STOP'))
}
