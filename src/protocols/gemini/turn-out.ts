import type { OnLoss } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'
import type { MediaPart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { presentFields, readObject, type Fields } from '../../lib/json.ts'
import type { ToolNames } from '../shared/tool-id.ts'
import { fitMedia } from './media-out.ts'
import type { ModelTraits } from './model-traits.ts'
import { RESPONSE_TWIN } from './part-in.ts'
import { encodePart, ownSignatures, readOwn, signPart } from './part-out.ts'

/** What the turns of one request have in common. */
export interface TurnContext {
  /** A client of Gemini's own wrote the request. */
  readonly isOwn: boolean
  readonly names: ToolNames
  /** Ids of calls in Gemini's alphabet. */
  readonly callId: (id: string) => string
  readonly traits: ModelTraits
  /** All calls by their ids, each with its place among them. */
  readonly calls: ReadonlyMap<string, { readonly call: ToolCallPart; readonly place: number }>
  readonly onLoss: OnLoss
}

/**
 * The parts of one turn; results of functions first, in the order of their calls, unless the client is Gemini's own.
 *
 * @throws {Fault} invalid-request when a user's message is nothing but media that Gemini does not take.
 */
export function encodeTurnParts({ role, parts }: Turn, path: string, context: TurnContext): readonly Fields[] {
  const results: PlacedResult[] = []
  const written: Fields[] = []
  for (const [at, part] of parts.entries()) {
    const place = `${path}.parts.${at}`
    if (part.type === 'tool-result' && !context.isOwn) results.push({ result: part, path: place })
    else written.push(...encodeTurnPart(part, role, place, context))
  }
  if (results.length > 0) return [...encodeResults(results, context), ...written]
  if (written.length === 0 && role === 'user' && parts.some(({ type }) => type === 'media')) {
    throw new Fault(
      'invalid-request',
      `${path}: this model's API takes nothing of what the message holds: images (PNG, JPEG, WebP, HEIC), PDF, text, audio and video, as bytes or on the web`,
    )
  }
  return written
}

interface PlacedResult {
  readonly result: ToolResultPart
  readonly path: string
}

function encodeTurnPart(part: Part, role: Turn['role'], path: string, context: TurnContext): readonly Fields[] {
  const { isOwn, onLoss } = context
  if (part.cache && !isOwn) onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  if (role === 'system' && part.type !== 'text' && !isOwn) {
    onLoss({ path, reason: part.type === 'opaque' ? 'foreign-opaque' : 'system-part' })
    return []
  }
  switch (part.type) {
    case 'text':
      return encodeText(part, path, context)
    case 'reasoning':
      return encodeReasoning(part, path, context)
    case 'tool-call':
      return encodeToolCall(part, path, context)
    case 'tool-result':
      return encodeResult(part, path, context)
    case 'media':
      return encodeMediaPart(part, path, context)
    case 'opaque':
      if (part.protocol === 'gemini') return [part.value]
      onLoss({ path, reason: 'foreign-opaque' })
      return []
  }
}

/** Gemini refuses empty texts. */
function encodeText(part: TextPart, path: string, { isOwn, onLoss }: TurnContext): readonly Fields[] {
  if (part.refusal === true) onLoss({ path, reason: 'refusal-as-text' })
  const signatures = ownSignatures(part.seals)
  if (part.seals?.some(({ maker }) => maker !== 'gemini')) onLoss({ path, reason: 'foreign-seal' })
  const isBlank = !isOwn && part.text.trim() === ''
  return signPart(isBlank ? undefined : encodePart(part, noLoss), signatures)
}

/** Thinking goes back only under Gemini's own signature, or as its own client kept it. */
function encodeReasoning(part: ReasoningPart, path: string, { isOwn, onLoss }: TurnContext): readonly Fields[] {
  const { seals, text } = part
  const signatures = ownSignatures(seals)
  if (signatures.length > 0 || (isOwn && !seals)) return signPart(encodePart(part, noLoss), signatures)
  if (text !== '' || seals?.length) onLoss({ path, reason: 'foreign-reasoning' })
  return []
}

function encodeToolCall(part: ToolCallPart, path: string, { names, callId, onLoss }: TurnContext): readonly Fields[] {
  const { id, name, namespace, seals } = part
  if (seals?.some(({ maker }) => maker !== 'gemini')) onLoss({ path, reason: 'foreign-seal' })
  const named = { ...part, id: id === '' ? '' : callId(id), name: names.wireName(name, namespace) }
  const call = encodePart(named, () => onLoss({ path: `${path}.input`, reason: 'tool-input' }))
  return signPart(call, ownSignatures(seals))
}

function encodeMediaPart(part: MediaPart, path: string, context: TurnContext): readonly Fields[] {
  const fit = fitFor(part, path, context)
  return fit ? writeMedia(fit, part.seals, path, context) : []
}

/** The medium as Gemini takes it; undefined, and told, when it does not. */
function fitFor(part: MediaPart, path: string, { isOwn, traits, onLoss }: TurnContext): MediaPart | undefined {
  if (isOwn) return part
  const fit = fitMedia(part, traits.takesUrls)
  if ('part' in fit) return fit.part
  onLoss({ path, reason: fit.loss })
  return undefined
}

function writeMedia(
  fit: MediaPart,
  seals: MediaPart['seals'],
  path: string,
  { onLoss }: TurnContext,
): readonly Fields[] {
  const written = encodePart(fit, noLoss)
  if (!written) onLoss({ path, reason: 'file-id' })
  return written ? signPart(written, ownSignatures(seals)) : []
}

/** The results in the order of their calls, then the media that older models take only beside them. */
function encodeResults(results: PlacedResult[], context: TurnContext): readonly Fields[] {
  const place = ({ result }: PlacedResult): number => context.calls.get(result.callId)?.place ?? Infinity
  const inOrder = results.length > 1 ? results.toSorted((a, b) => place(a) - place(b) || 0) : results
  const written: Fields[] = []
  const beside: Fields[] = []
  for (const { result, path } of inOrder) {
    const [response, ...media] = encodeResult(result, path, context)
    if (response) written.push(response)
    beside.push(...media)
  }
  return beside.length > 0 ? [...written, ...beside] : written
}

/** The result, followed by media that the model takes only beside it. @see https://ai.google.dev/api/caching#FunctionResponse */
function encodeResult(result: ToolResultPart, path: string, context: TurnContext): readonly Fields[] {
  const { names, callId, calls, isOwn, onLoss } = context
  const { callId: id, name, content, isError, cache, extras } = result
  if (cache && !isOwn) onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  if (isError === true) onLoss({ path: `${path}.isError`, reason: 'tool-error' })
  const call = calls.get(id)?.call
  const { functionResponse, ...others } = readOwn(extras)
  const { text, parts, beside } = encodeResultContent(content, path, context)
  const response = presentFields({
    id: id === '' ? undefined : callId(id),
    name: names.wireName(name ?? call?.name ?? 'unknown', call?.namespace),
    response: readObject(extras?.gemini?.[RESPONSE_TWIN]) ?? responseFor(text, isError),
    parts: parts.length > 0 ? parts : undefined,
    ...readObject(functionResponse),
  })
  return [{ functionResponse: response, ...others }, ...beside]
}

interface ResultContent {
  readonly text: string
  readonly parts: readonly Fields[]
  /** Media that the model takes only beside a result. */
  readonly beside: readonly Fields[]
}

function encodeResultContent(content: ToolResultPart['content'], path: string, context: TurnContext): ResultContent {
  const { isOwn, traits, onLoss } = context
  const texts: string[] = []
  const parts: Fields[] = []
  const beside: Fields[] = []
  for (const [at, part] of content.entries()) {
    const place = `${path}.content.${at}`
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'opaque') {
      if (part.protocol === 'gemini') parts.push(part.value)
      else onLoss({ path: place, reason: 'foreign-opaque' })
    } else {
      const fit = fitFor(part, place, context)
      const isInside = isOwn || traits.takesResultMedia
      if (fit && !isInside) onLoss({ path: place, reason: 'tool-result-media' })
      if (fit) (isInside ? parts : beside).push(...writeMedia(fit, undefined, place, context))
    }
  }
  return { text: texts.join('\n'), parts, beside }
}

/** Under `output` and `error` Gemini is documented to look for what a function said. */
function responseFor(text: string, isError: boolean | undefined): Fields {
  if (text === '') return {}
  return isError === true ? { error: text } : { output: text }
}

function noLoss(): void {}
