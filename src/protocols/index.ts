import type { Codec } from '../ir/codec.ts'
import type { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Protocol } from '../ir/protocol.ts'
import { anthropic } from './anthropic/index.ts'
import { completions } from './openai-chat/completions.ts'
import { openaiChat } from './openai-chat/index.ts'

/** The protocols that are served, and how each is read and written. */
export const CODECS: { readonly [P in Protocol]?: Codec } & Readonly<Record<'anthropic' | 'openai-chat', Codec>> = {
  anthropic,
  'openai-chat': openaiChat,
}

/** OpenAI's older endpoint: a form of Chat that only clients speak. */
export const COMPLETIONS: Codec = completions

/** How a protocol tells a fault; one without a codec uses OpenAI's shape. */
export function faultWriterFor(protocol: Protocol): (fault: Fault) => JsonObject {
  const codec = CODECS[protocol] ?? openaiChat
  return (fault) => codec.encodeFault(fault)
}
