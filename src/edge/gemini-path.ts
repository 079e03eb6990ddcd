import { plainPath } from './path.ts'

/** What a path of Gemini's API names. */
export interface GeminiPath {
  /** Without `models/`; of another publisher than Google with its name before it. */
  readonly model: string
  /** What is to be done with it; '' for the model itself. */
  readonly action: string
}

/** The versions under which Google's SDKs ask, of the Gemini API and of Vertex AI. */
export const GEMINI_VERSIONS = ['v1', 'v1beta', 'v1beta1', 'v1alpha'] as const

const RESOURCE = /^\/v\w+\/(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/([^/]+)\/)?models\/(.+)$/

/**
 * Reads `/v1beta/models/{model}:{action}` and the forms of Vertex AI; undefined for another path. A model's name may
 * hold slashes and colons, escaped or not.
 *
 * @see https://ai.google.dev/api/generate-content and https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
 */
export function readGeminiPath(path: string): GeminiPath | undefined {
  const [, publisher = 'google', rest = ''] = RESOURCE.exec(plainPath(path)) ?? []
  if (rest === '') return undefined
  const name = rest.replace(/^(?:models\/)+/, '')
  const colon = name.lastIndexOf(':')
  // A suffix such as `model:free` is part of the name, unless something is to be done.
  const hasAction = colon >= 0 && /^[a-z]+[A-Z]\w*$|^predict$/.test(name.slice(colon + 1))
  const model = hasAction ? name.slice(0, colon) : name
  return {
    model: publisher === 'google' ? model : `${publisher}/${model}`,
    action: hasAction ? name.slice(colon + 1) : '',
  }
}
