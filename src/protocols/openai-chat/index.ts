import type { Codec } from '../../ir/codec.ts'
import { decodeFault, encodeFault } from './fault.ts'
import { decodeRequest } from './request-in.ts'
import { encodeRequest } from './request-out.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { streamDecoder } from './stream-in.ts'
import { streamEncoder } from './stream-out.ts'
import { tap } from './tap.ts'

/** OpenAI's Chat Completions, and the many vendors' dialects of it. @see https://platform.openai.com/docs/api-reference/chat */
export const openaiChat: Codec = {
  protocol: 'openai-chat',
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  decodeFault,
  encodeFault,
  tap,
}
