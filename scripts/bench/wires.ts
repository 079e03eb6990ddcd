import type { Protocol } from '../../src/ir/protocol.ts'
import type { Wire } from './wire.ts'
import { ANTHROPIC } from './wires/anthropic.ts'
import { GEMINI } from './wires/gemini.ts'
import { OPENAI_CHAT } from './wires/openai-chat.ts'
import { OPENAI_RESPONSES } from './wires/openai-responses.ts'

/** How each protocol is spoken in the bench. */
export const WIRES: Readonly<Record<Protocol, Wire>> = {
  anthropic: ANTHROPIC,
  'openai-chat': OPENAI_CHAT,
  'openai-responses': OPENAI_RESPONSES,
  gemini: GEMINI,
}
