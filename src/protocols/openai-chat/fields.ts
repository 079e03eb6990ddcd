import type { JsonObject } from '../../ir/json.ts'
import type { CachePoint } from '../../ir/part.ts'
import { isObject, readText } from '../../lib/json.ts'
import { ownExtrasFor, ownReaderFor } from '../shared/own-extras.ts'

/** See {@link ownExtrasFor}. */
export const ownExtras = ownExtrasFor('openai-chat')

/** See {@link ownReaderFor}. */
export const readOwn = ownReaderFor('openai-chat')

/** Reads Anthropic's `cache_control`, which OpenRouter and others take in this protocol. */
export function readCachePoint(value: unknown): CachePoint | undefined {
  if (!isObject(value)) return undefined
  const { ttl } = value
  return { ttl: readText(ttl) }
}

export function writeCachePoint({ ttl }: CachePoint): JsonObject {
  return { type: 'ephemeral', ttl }
}
