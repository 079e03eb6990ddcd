import type { ServedModel } from '../gateway/route.ts'
import type { Protocol } from '../ir/protocol.ts'

/** Limits that lists tell when nobody knows better. */
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

/** One model in Gemini's shape. @see https://ai.google.dev/api/models#Model */
function geminiModel({ id, entry }: ServedModel): object {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: entry.displayName ?? id,
    description: entry.displayName ?? id,
    inputTokenLimit: entry.contextTokens ?? CONTEXT_TOKENS,
    outputTokenLimit: entry.outputTokens ?? OUTPUT_TOKENS,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  }
}

/** The list of models in the shape of the client's protocol. */
export function modelList(models: readonly ServedModel[], protocol: Protocol): object {
  switch (protocol) {
    case 'openai-chat':
    case 'openai-responses':
      return { object: 'list', data: models.map(openaiModel) }
    case 'gemini':
      return { models: models.map(geminiModel) }
    case 'anthropic': {
      const data = models.map(anthropicModel)
      return { data, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null }
    }
  }
}

/** One model of it, undefined when nobody serves it. */
export function modelEntry(models: readonly ServedModel[], id: string, protocol: Protocol): object | undefined {
  const model = models.find((served) => served.id === id)
  if (!model) return undefined
  if (protocol === 'anthropic') return anthropicModel(model)
  return protocol === 'gemini' ? geminiModel(model) : openaiModel(model)
}
