import type { AnswerContext, Codec } from '../ir/codec.ts'
import { replay } from '../ir/collect.ts'
import type { ModelResponse } from '../ir/response.ts'

/** The answer to a request that wants none yet: an empty one, which the next request builds on. */
export interface Prewarm {
  readonly id: string
  /** The frames for the client. */
  readonly events: readonly string[]
  /** The answer, as JSON. */
  readonly kept: string
}

export function createPrewarm(codec: Codec, model: string): Prewarm {
  const id = newId('resp_prewarm_')
  const response: ModelResponse = {
    id,
    model,
    parts: [],
    finish: { reason: 'stop' },
    usage: { inputTokens: 0, outputTokens: 0 },
  }
  const context: AnswerContext = {
    model,
    createdAt: Math.floor(Date.now() / 1000),
    newId,
    includeUsage: false,
    asked: {},
    onLoss: () => undefined,
  }
  const encoder = codec.streamEncoder(context)
  const events = [...replay(response)].flatMap((event) => [...encoder.push(event)])
  return {
    id,
    events: [...events, ...encoder.end()].map(({ data }) => data),
    kept: JSON.stringify(codec.encodeResponse(response, context)),
  }
}

function newId(prefix: string): string {
  return `${prefix}${crypto.randomUUID().replaceAll('-', '')}`
}
