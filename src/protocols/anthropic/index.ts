import type { Codec } from '../../ir/codec.ts'
import { decodeFault, encodeFault } from './fault.ts'
import { decodeRequest } from './request-in.ts'
import { encodeRequest } from './request-out.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { createStreamDecoder } from './stream-in.ts'
import { createStreamEncoder } from './stream-out.ts'
import { createAnthropicTap } from './tap.ts'

/** Anthropic's Messages API. @see https://docs.claude.com/en/api/messages */
export const anthropic: Codec = {
  protocol: 'anthropic',
  // A thread lives with the account that began it, and accounts come and go: it is refused, and clients go on without.
  judged: ['thread'],
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  streamDecoder: createStreamDecoder,
  streamEncoder: createStreamEncoder,
  decodeFault,
  encodeFault,
  tap: createAnthropicTap,
}
