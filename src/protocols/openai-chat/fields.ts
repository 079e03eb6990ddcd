import type { JsonObject } from '../../ir/json.ts'
import type { CachePoint } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import { type Fields, isObject, readText } from '../../lib/json.ts'

/** Unread fields as extras of this protocol; nulls say nothing and are left out. */
export function ownExtras(fields: Fields): Extras | undefined {
  let unread: Record<string, unknown> | undefined
  for (const key in fields) if (fields[key] !== undefined && fields[key] !== null) (unread ??= {})[key] = fields[key]
  return unread && { 'openai-chat': unread }
}

/** This protocol's extras, none where another protocol's client wrote the request. */
export function readOwn(extras: Extras | undefined): JsonObject {
  return extras?.['openai-chat'] ?? NOTHING
}

const NOTHING: JsonObject = {}

/** Reads Anthropic's `cache_control`, which OpenRouter and others take in this protocol. */
export function readCachePoint(value: unknown): CachePoint | undefined {
  if (!isObject(value)) return undefined
  const { ttl } = value
  return { ttl: readText(ttl) }
}

export function writeCachePoint({ ttl }: CachePoint): JsonObject {
  return { type: 'ephemeral', ttl }
}
