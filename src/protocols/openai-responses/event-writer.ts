import type { Frame } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'

/** Writes the events of one stream and numbers them. */
export interface EventWriter {
  /** An event whose fields are known as JSON: `"output_index":0,"item":{}`. */
  raw(type: string, json: string): Frame
  /** An event of these fields. */
  write(type: string, fields: JsonObject): Frame
  /** An event about a place, whose JSON comes first, with further fields. */
  at(type: string, place: string, fields: JsonObject): Frame
}

export function createEventWriter(): EventWriter {
  /** Number of the next event. */
  let sequence = 0
  const raw = (type: string, json: string): Frame => ({
    event: type,
    data: `{"type":"${type}",${json},"sequence_number":${sequence++}}`,
  })
  return {
    raw,
    write: (type, fields) => raw(type, JSON.stringify(fields).slice(1, -1)),
    at: (type, place, fields) => raw(type, `${place},${JSON.stringify(fields).slice(1, -1)}`),
  }
}
