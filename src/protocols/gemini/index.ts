import type { Codec } from '../../ir/codec.ts'
import { decodeFault, encodeFault } from './fault.ts'
import { decodeRequest } from './request-in.ts'
import { encodeRequest } from './request-out.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { streamDecoder } from './stream-in.ts'
import { streamEncoder } from './stream-out.ts'
import { tap } from './tap.ts'

/** Google's Gemini API, as the Gemini API, Vertex AI and others serve it. @see https://ai.google.dev/api/generate-content */
export const gemini: Codec = {
  protocol: 'gemini',
  streamsJson: true,
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
