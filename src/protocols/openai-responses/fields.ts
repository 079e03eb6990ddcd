import type { JsonObject } from '../../ir/json.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { Fields } from '../../lib/json.ts'

/** Unread fields as extras of this protocol; nulls say nothing and are left out. */
export function ownExtras(fields: Fields): Extras | undefined {
  let unread: Record<string, unknown> | undefined
  for (const key in fields) if (fields[key] !== undefined && fields[key] !== null) (unread ??= {})[key] = fields[key]
  return unread && { 'openai-responses': unread }
}

/** This protocol's extras, none where another protocol's client wrote the request. */
export function readOwn(extras: Extras | undefined): JsonObject {
  return extras?.['openai-responses'] ?? NOTHING
}

const NOTHING: JsonObject = {}
