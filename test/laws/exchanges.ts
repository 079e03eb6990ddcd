import type { Codec } from '../../src/ir/codec.ts'
import { collect } from '../../src/ir/collect.ts'
import { Fault } from '../../src/ir/fault.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import type { ModelResponse } from '../../src/ir/response.ts'
import { readObject } from '../../src/lib/json.ts'
import { CODECS } from '../../src/protocols/index.ts'
import { HAS_CORPUS, readCorpus, type Exchange } from '../corpus.ts'
import { ANTHROPIC_FIXTURES } from './fixtures/anthropic.ts'
import { CHAT_FIXTURES } from './fixtures/chat.ts'
import { GEMINI_FIXTURES } from './fixtures/gemini.ts'
import { RESPONSES_FIXTURES } from './fixtures/responses.ts'
import { decodeStream } from './streams.ts'

/** An exchange and the codec of its protocol. */
export interface Case {
  readonly name: string
  readonly codec: Codec
  readonly exchange: Exchange
}

/** Not a generation: no codec reads it. */
const FOREIGN_TAGS = new Set(['count-tokens', 'code-assist'])

if (!HAS_CORPUS)
  console.warn('SKIPPED: the laws over the corpus, because there is none; they run over the fixtures only')

/** Every exchange of a protocol that has a codec: the project's own fixtures, then the corpus. */
export const CASES: readonly Case[] = [
  ...ANTHROPIC_FIXTURES,
  ...CHAT_FIXTURES,
  ...GEMINI_FIXTURES,
  ...RESPONSES_FIXTURES,
  ...readCorpus(),
].flatMap((exchange) => {
  const codec = CODECS[exchange.protocol]
  if (!codec || exchange.tags.some((tag) => FOREIGN_TAGS.has(tag))) return []
  return [{ name: `${exchange.protocol} ${exchange.hex}`, codec, exchange }]
})

/** The other codecs, for round trips through them. */
export function othersOf(protocol: Protocol): readonly Codec[] {
  return Object.values(CODECS).filter((codec) => codec.protocol !== protocol)
}

/** The cases with a stream as the answer, each with its bytes. */
export const STREAM_CASES = CASES.flatMap((entry) => {
  const { sse, status } = entry.exchange.response
  return sse === undefined || status !== 200 ? [] : [{ ...entry, bytes: new TextEncoder().encode(sse) }]
})

/** The cases whose answer is complete, each with that answer. */
export const ANSWERS = CASES.flatMap((entry) => {
  const response = answerOf(entry)
  return response ? [{ ...entry, response }] : []
})

function answerOf({ codec, exchange }: Case): ModelResponse | undefined {
  const { status, body, sse } = exchange.response
  if (status !== 200) return undefined
  try {
    if (sse !== undefined) return collect(decodeStream(codec, [new TextEncoder().encode(sse)]))
    const answer = readObject(body)
    return answer && codec.decodeResponse(answer)
  } catch (error) {
    // A fault that came as a 200; anything else is a mistake of the decoder.
    if (error instanceof Fault) return undefined
    throw error
  }
}
