/** Any JSON value as `JSON.parse` gives it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object whose fields nobody has looked at yet. */
export interface JsonObject {
  readonly [key: string]: unknown
}
