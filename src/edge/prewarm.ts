/** The answer to a request that wants none yet: an empty one, which the next request builds on. */
export interface Prewarm {
  readonly id: string
  /** The frames for the client. */
  readonly events: readonly string[]
  /** The answer, as JSON. */
  readonly kept: string
}

const NO_USAGE = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
}

export function createPrewarm(model: string): Prewarm {
  const id = `resp_prewarm_${crypto.randomUUID().replaceAll('-', '')}`
  const head = { id, object: 'response', created_at: Math.floor(Date.now() / 1000), model, error: null, output: [] }
  const completed = { ...head, status: 'completed', usage: NO_USAGE }
  const created = { ...head, status: 'in_progress', usage: null }
  return {
    id,
    events: [
      JSON.stringify({ type: 'response.created', sequence_number: 0, response: created }),
      JSON.stringify({ type: 'response.completed', sequence_number: 1, response: completed }),
    ],
    kept: JSON.stringify(completed),
  }
}
