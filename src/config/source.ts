import { parseJson } from '../lib/json.ts'
import { readPlainYaml } from './plain-yaml.ts'
import type { Path, Position } from './problems.ts'
import type { YamlFault } from './yaml-source.ts'

/** The text of a config file, read. */
export interface Source {
  readonly value: unknown
  readonly faults: readonly YamlFault[]
  /** A scalar as it is spelt, where the text was read as YAML. */
  readonly spellingOf: (path: Path) => string | undefined
  /** Finds places in the text. Costs a parse with positions when the text was read without them. */
  locator(): Promise<(path: Path, of: 'key' | 'value') => Position>
}

/**
 * Reads the text of a config file. A file that is JSON, as programs write it, or plain YAML, as people do, is read by the
 * runtime, in a fraction of the time; the YAML package is loaded when more is needed, or the place of something wrong.
 */
export async function openSource(text: string): Promise<Source> {
  const trimmed = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
  const value = /^\s*\{/.test(trimmed) ? readWholeJson(trimmed) : readPlainYaml(trimmed)
  if (value === undefined) {
    const { openYaml } = await import('./yaml-source.ts')
    const yaml = openYaml(trimmed)
    return { ...yaml, locator: async () => yaml.positionOf }
  }
  const locator = async () => {
    const { openYaml } = await import('./yaml-source.ts')
    return openYaml(trimmed).positionOf
  }
  return { value, faults: [], spellingOf: () => undefined, locator }
}

const BYTE_ORDER_MARK = 0xfeff

/** The value of a JSON text in which no key is there twice. */
function readWholeJson(text: string): unknown {
  const value = parseJson(text)
  return value !== undefined && countKeys(value) === countKeysInJson(text) ? value : undefined
}

/** Keys of all objects in the value. `JSON.parse` drops a key that is there twice, so fewer than in the text tell of one. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let keys = Array.isArray(value) ? 0 : Object.keys(value).length
  for (const child of Object.values(value)) keys += countKeys(child)
  return keys
}

/** Strings with a colon behind them, in a text that is valid JSON. */
function countKeysInJson(text: string): number {
  let keys = 0
  let at = text.indexOf('"')
  while (at >= 0) {
    let end = at + 1
    while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
    end++
    while (/\s/.test(text[end] ?? '')) end++
    if (text[end] === ':') keys++
    at = text.indexOf('"', end)
  }
  return keys
}
