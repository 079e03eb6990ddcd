import type { Codec } from '../../ir/codec.ts'
import { decodeFault, encodeFault } from './fault.ts'
import { decodeRequest } from './request-in.ts'
import { encodeRequest } from './request-out.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { streamDecoder } from './stream-in.ts'
import { streamEncoder } from './stream-out.ts'
import { tap } from './tap.ts'

/** OpenAI's Responses API, as OpenAI, the Codex backend and others serve it. @see https://platform.openai.com/docs/api-reference/responses */
export const openaiResponses: Codec = {
  protocol: 'openai-responses',
  announces: true,
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
