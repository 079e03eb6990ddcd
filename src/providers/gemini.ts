import { readArray, readText } from '../lib/json.ts'
import { readEntries, readTokens } from './listed.ts'
import type { Call, ListedModel, Provider } from './provider.ts'

/**
 * Google's Gemini API by key.
 *
 * @see https://ai.google.dev/api
 */
export const gemini: Provider = {
  id: 'gemini',
  title: 'Gemini',
  protocol: 'gemini',
  baseUrl: 'https://generativelanguage.googleapis.com',
  countsTokens: true,
  quirks: [],
  url: (call) => `${call.baseUrl.endsWith('/v1beta') ? call.baseUrl : `${call.baseUrl}/v1beta`}${pathFor(call)}`,
  headers: ({ secret }): Record<string, string> => (secret === '' ? {} : { 'x-goog-api-key': secret }),
  readModels,
}

function pathFor({ operation, model, stream }: Call): string {
  switch (operation) {
    case 'list-models':
      return '/models?pageSize=1000'
    case 'count-tokens':
      return `/models/${encodeURIComponent(model)}:countTokens`
    case 'generate':
      return `/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
  }
}

/** @see https://ai.google.dev/api/models#method:-models.list */
function readModels(body: unknown): readonly ListedModel[] {
  return readEntries(body).flatMap((model) => {
    const { name: path, displayName, inputTokenLimit, outputTokenLimit, supportedGenerationMethods: methods } = model
    const name = readText(path)?.replace(/^models\//, '')
    if (name === undefined || (Array.isArray(methods) && !readArray(methods).includes('generateContent'))) return []
    return [
      {
        name,
        displayName: readText(displayName),
        contextTokens: readTokens(inputTokenLimit),
        outputTokens: readTokens(outputTokenLimit),
      },
    ]
  })
}
