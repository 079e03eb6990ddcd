import { readArray, readNumber, readObject, readText, type Fields } from '../lib/json.ts'

/** A whole number of tokens above zero; some upstreams write numbers as text, and 0 for "unknown". */
export function readTokens(value: unknown): number | undefined {
  const number = readNumber(value) ?? Number(readText(value) ?? Number.NaN)
  return Number.isFinite(number) && number >= 1 ? Math.floor(number) : undefined
}

/** Seconds since the epoch of a number of seconds or milliseconds, or of a date; undefined for nonsense and for 0. */
export function readUnixSeconds(value: unknown): number | undefined {
  const number = readNumber(value)
  const seconds =
    number === undefined ? Date.parse(readText(value) ?? '') / 1000 : number >= 1e12 ? number / 1000 : number
  return Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds) : undefined
}

/** The entries of a list of models: in `data` or `models`, or the body itself; a bare name counts as an entry. */
export function readEntries(body: unknown): readonly Fields[] {
  const { data, models } = readObject(body) ?? {}
  const list = [data, models, body].find((candidate) => Array.isArray(candidate))
  return readArray(list)
    .map((entry) => (typeof entry === 'string' ? { id: entry } : readObject(entry)))
    .filter((entry) => entry !== undefined)
}
