import { readObject, readText } from '../lib/json.ts'
import { bearerHeaders } from './headers.ts'
import { readEntries, readTokens, readUnixSeconds } from './listed.ts'
import type { ListedModel, Provider } from './provider.ts'
import { includeUsage } from './quirks/include-usage.ts'

/**
 * Whoever serves OpenAI's Chat Completions: OpenAI, OpenRouter, Ollama, vLLM …
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export const openaiCompatibility: Provider = {
  id: 'openai-compatibility',
  title: 'OpenAI-compatible',
  protocol: 'openai-chat',
  quirks: [includeUsage],
  url: ({ baseUrl, operation }) => `${baseUrl}${operation === 'list-models' ? '/models' : '/chat/completions'}`,
  headers: ({ secret }) => bearerHeaders(secret),
  readModels: readOpenaiModels,
}

/**
 * OpenAI's list of models and its dialects: a bare array (Together), `context_window` (Groq), `max_model_len` (vLLM),
 * `context_length` and `top_provider` (OpenRouter), `max_context_length` (Mistral), `meta.n_ctx_train` (llama.cpp).
 *
 * @see https://platform.openai.com/docs/api-reference/models/list
 * @see https://openrouter.ai/docs/api-reference/list-available-models
 */
export function readOpenaiModels(body: unknown): readonly ListedModel[] {
  return readEntries(body).flatMap((model) => {
    const { id, name: title, display_name: displayName, created, created_at: createdAt } = model
    const name = readText(id) ?? readText(title)
    if (name === undefined) return []
    const shown = readText(displayName) ?? readText(title)
    return [
      {
        name,
        displayName: shown === name ? undefined : shown,
        contextTokens: readContext(model),
        outputTokens: readOutput(model),
        createdAt: readUnixSeconds(created) ?? readUnixSeconds(createdAt),
      },
    ]
  })
}

type Fields = Readonly<Record<string, unknown>>

function readContext(model: Fields): number | undefined {
  const {
    context_length,
    context_window,
    max_model_len,
    max_context_length,
    max_context_window_tokens,
    top_provider,
    meta,
  } = model
  const { context_length: topContext } = readObject(top_provider) ?? {}
  const { n_ctx_train: trainedContext } = readObject(meta) ?? {}
  return firstTokens(
    context_length,
    context_window,
    max_model_len,
    max_context_length,
    max_context_window_tokens,
    topContext,
    trainedContext,
  )
}

function readOutput(model: Fields): number | undefined {
  const { max_completion_tokens, max_output_tokens, top_provider } = model
  const { max_completion_tokens: topOutput } = readObject(top_provider) ?? {}
  return firstTokens(max_completion_tokens, max_output_tokens, topOutput)
}

function firstTokens(...values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const tokens = readTokens(value)
    if (tokens !== undefined) return tokens
  }
  return undefined
}
