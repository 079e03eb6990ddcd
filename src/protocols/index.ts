import type { Codec } from '../ir/codec.ts'
import type { Protocol } from '../ir/protocol.ts'
import { anthropic } from './anthropic/index.ts'
import { codeAssist } from './gemini/code-assist.ts'
import { gemini } from './gemini/index.ts'
import { completions } from './openai-chat/completions.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiResponses } from './openai-responses/index.ts'

/** How each protocol is read and written. */
export const CODECS: Readonly<Record<Protocol, Codec>> = {
  anthropic,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  gemini,
}

/** OpenAI's older endpoint: a form of Chat that only clients speak. */
export const COMPLETIONS: Codec = completions

/** Gemini's API as its CLI asks for it after a login with Google: a form that only clients speak. */
export const CODE_ASSIST: Codec = codeAssist
