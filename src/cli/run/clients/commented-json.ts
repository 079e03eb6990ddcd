import { readObject, type Fields } from '../../../lib/json.ts'

/** The object in a text of JSON with comments and commas at the end, as clients take their settings; empty when there is none. */
export function parseCommented(text: string | undefined): Fields {
  try {
    return readObject(Bun.JSONC.parse(text ?? '')) ?? {}
  } catch {
    return {}
  }
}
