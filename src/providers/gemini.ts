import type { JsonObject } from '../ir/json.ts'
import { readArray, readText } from '../lib/json.ts'
import { readEntries, readTokens } from './listed.ts'
import type { Call, ListedModel, Provider } from './provider.ts'

/**
 * Google's Gemini API by key, and everybody who serves the same.
 *
 * @see https://ai.google.dev/api
 */
export const gemini: Provider = {
  id: 'gemini',
  title: 'Gemini',
  protocol: 'gemini',
  countsTokens: () => true,
  countBody: wrappedBody,
  quirks: [],
  url: (call) => `${withVersion(call.baseUrl, 'v1beta')}${modelPath(call)}`,
  headers: googleHeaders,
  readModels,
}

/** A base URL may end in the version that is to be asked. */
export function withVersion(baseUrl: string, version: string): string {
  return /\/v\d+(?:(?:alpha|beta)\d*)?$/.test(baseUrl) ? baseUrl : `${baseUrl}/${version}`
}

/** What follows the version and, for Vertex AI, the publisher. Streams are always asked for as server-sent events. */
export function modelPath({ operation, model, stream }: Call): string {
  switch (operation) {
    case 'list-models':
      return '/models?pageSize=1000'
    case 'count-tokens':
      return `/models/${encodeURIComponent(model)}:countTokens`
    case 'generate':
      return `/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
  }
}

export function googleHeaders({ secret }: Call): Record<string, string> {
  return secret === '' ? {} : { 'x-goog-api-key': secret }
}

/** Beside the contents alone the endpoint takes a whole request, under a name of its own. @see https://ai.google.dev/api/tokens */
function wrappedBody(body: JsonObject, { model }: Call): JsonObject | undefined {
  const isBare = Object.keys(body).every((key) => key === 'contents')
  return isBare ? undefined : { generateContentRequest: { ...body, model: `models/${model}` } }
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
