import type { JsonObject } from '../../ir/json.ts'
import type { Extras, Protocol } from '../../ir/protocol.ts'
import type { Fields } from '../../lib/json.ts'

const NOTHING: JsonObject = {}

/** Keeps a protocol's unread fields as its extras; nulls say nothing and are left out. */
export function ownExtrasFor(protocol: Protocol): (fields: Fields) => Extras | undefined {
  return (fields) => {
    let unread: Record<string, unknown> | undefined
    for (const key in fields) if (fields[key] !== undefined && fields[key] !== null) (unread ??= {})[key] = fields[key]
    return unread && { [protocol]: unread }
  }
}

/** Reads a protocol's own extras, none where another protocol's client wrote the request. */
export function ownReaderFor(protocol: Protocol): (extras: Extras | undefined) => JsonObject {
  return (extras) => extras?.[protocol] ?? NOTHING
}
