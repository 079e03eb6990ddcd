import type { Frame } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import { parseObject, readObject, readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import { PIXEL, TOOL_SCHEMA, type Client, type Heard, type ToolAnswer } from './client.ts'

/**
 * `chunks`: every chunk of a stream is a content of its own, as both SDKs' chats keep them. `python`: the same, and
 * signatures went through bytes, so that they come back in the URL-safe alphabet. `joined`: the pieces of a text are
 * joined. `forgets-thoughts`: the same without thought parts, as Gemini CLI. `bare`: and without signatures.
 */
export const GEMINI_STYLES = ['chunks', 'python', 'joined', 'forgets-thoughts', 'bare'] as const
type GeminiStyle = (typeof GEMINI_STYLES)[number]

/** Google's SDKs, Gemini CLI and their like. */
export function createGeminiClient(style: GeminiStyle): Client {
  const contents: Fields[] = []
  /** The calls that wait for a result. */
  let open: readonly Fields[] = []
  const keep = (chunks: readonly (readonly Fields[])[]): Heard => {
    const parts = chunks.flat()
    const kept = style === 'chunks' || style === 'python' ? chunks : [joinTexts(parts)]
    for (const some of kept) {
      const remembered = some.flatMap((part) => keptOf(part, style))
      if (remembered.length > 0) contents.push({ role: 'model', parts: remembered })
    }
    open = parts.flatMap(({ functionCall }) => readObjects([functionCall]))
    return {
      text: parts.map(({ text, thought }) => (thought === true ? '' : (readString(text) ?? ''))).join(''),
      calls: open.map(({ name, args }) => ({ name: String(name), input: args })),
    }
  }
  return {
    protocol: 'gemini',
    keepsSecrets: style === 'chunks' || style === 'python' || style === 'joined',
    oddTool: 'files:read.all',
    say: (text) => void contents.push({ role: 'user', parts: [{ text }] }),
    answerCalls(results) {
      const parts = results.flatMap((result, index) => (result ? responseParts(open[index] ?? {}, result) : []))
      if (parts.length > 0) contents.push({ role: 'user', parts })
    },
    request: ({ isThinking, tools }) => ({
      systemInstruction: { parts: [{ text: 'You help.' }] },
      contents: [...contents],
      tools: [{ functionDeclarations: tools.map((name) => ({ name, parametersJsonSchema: TOOL_SCHEMA })) }],
      generationConfig: isThinking ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } : undefined,
    }),
    receive: (body) => keep([partsOf(body)]),
    receiveStream: (frames: readonly Frame[]) => keep(frames.map(({ data }) => partsOf(parseObject(data) ?? {}))),
  }
}

function partsOf(body: JsonObject): readonly Fields[] {
  const [candidate] = readObjects(body['candidates'])
  return readObjects(readObject(candidate?.['content'])?.['parts'])
}

/** Neighbouring texts of one kind as one; a signature closes a text. */
function joinTexts(parts: readonly Fields[]): readonly Fields[] {
  const joined: Fields[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const { text: before, thought: wasThought, thoughtSignature: closed } = last ?? {}
    const { text, thought } = part
    const isMore = typeof before === 'string' && typeof text === 'string' && wasThought === thought
    if (isMore && closed === undefined) joined[joined.length - 1] = { ...part, text: before + text }
    else joined.push(part)
  }
  return joined
}

function keptOf(part: Fields, style: GeminiStyle): readonly Fields[] {
  const { thought, thoughtSignature, ...rest } = part
  const signature = readString(thoughtSignature)
  if (style === 'python' && signature !== undefined) {
    const bytes = Buffer.from(signature, 'base64').toString('base64')
    return [{ ...part, thoughtSignature: bytes.replaceAll('+', '-').replaceAll('/', '_') }]
  }
  if (style === 'chunks' || style === 'python' || style === 'joined')
    return part['text'] === '' && signature === undefined ? [] : [part]
  if (thought === true) return []
  const kept = style === 'bare' ? rest : part
  return kept['text'] === '' && kept['thoughtSignature'] === undefined ? [] : [kept]
}

function responseParts({ id, name }: Fields, { text, hasImage }: ToolAnswer): readonly Fields[] {
  const answered = { functionResponse: { id, name, response: { output: text } } }
  return hasImage ? [answered, { inlineData: { mimeType: 'image/png', data: PIXEL } }] : [answered]
}
