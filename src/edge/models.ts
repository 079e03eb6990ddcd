import type { ServedModel } from '../gateway/route.ts'

/** Limits that Anthropic's list tells when nobody knows better. */
const CONTEXT_TOKENS = 200_000
const OUTPUT_TOKENS = 64_000

/** One model in OpenAI's shape. @see https://platform.openai.com/docs/api-reference/models/object */
function openaiModel({ id, entry, provider }: ServedModel): object {
  return { id, object: 'model', created: entry.createdAt ?? 0, owned_by: provider }
}

/** One model in Anthropic's shape. @see https://docs.anthropic.com/en/api/models-list */
function anthropicModel({ id, entry }: ServedModel): object {
  return {
    type: 'model',
    id,
    display_name: entry.displayName ?? id,
    created_at: new Date((entry.createdAt ?? 0) * 1000).toISOString(),
    max_input_tokens: entry.contextTokens ?? CONTEXT_TOKENS,
    max_tokens: entry.outputTokens ?? OUTPUT_TOKENS,
  }
}

/** GET /v1/models in the shape of the client's protocol. */
export function modelList(models: readonly ServedModel[], isAnthropic: boolean): object {
  if (!isAnthropic) return { object: 'list', data: models.map(openaiModel) }
  const data = models.map(anthropicModel)
  return { data, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null }
}

/** GET /v1/models/{id}, undefined when nobody serves it. */
export function modelEntry(models: readonly ServedModel[], id: string, isAnthropic: boolean): object | undefined {
  const model = models.find((served) => served.id === id)
  return model && (isAnthropic ? anthropicModel(model) : openaiModel(model))
}

/** Clients of Anthropic's API send its version; Claude Code's own agent is known by name. */
export function asksAsAnthropic(headers: Headers): boolean {
  return headers.has('anthropic-version') || (headers.get('user-agent') ?? '').startsWith('claude-cli')
}
