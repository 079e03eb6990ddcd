import { baseUrlFor, proxyFor } from '../../config/accounts.ts'
import { FORMATS, isHeaderName, trimSlashes } from '../../config/formats.ts'
import { type Fields, readArray, readBoolean, readNumber, readObject, readObjects, readText } from '../../lib/json.ts'
import type { Account, ModelAlias } from '../account.ts'

/** What the file of any login may say beside its tokens. */
export type AuthSettings = Pick<
  Account,
  'prefix' | 'headers' | 'proxyUrl' | 'priority' | 'excludedModels' | 'aliases' | 'disableCooling' | 'requestRetry'
> & {
  readonly isDisabled: boolean
  readonly email?: string
  /** Without a trailing slash. */
  readonly baseUrl?: string
}

/**
 * A field by its name in the files, which CPA also takes in kebab-case; the first form counts more.
 *
 * @see behaviour of CLIProxyAPI: `NormalizeCredentialMetadata`.
 */
export function readAuthField(fields: Fields, name: string): unknown {
  return fields[name] ?? fields[name.replaceAll('_', '-')]
}

/** @returns the settings, or what is wrong with them; that holds no value of the file. */
export function readAuthSettings(fields: Fields): AuthSettings | { readonly problem: string } {
  const field = (name: string): unknown => readAuthField(fields, name)
  const baseUrl = baseUrlFor(readText(field('base_url'))?.trim() ?? '')
  const proxyUrl = readText(readText(field('proxy_url'))?.trim())
  const headers = Object.entries(readObject(field('headers')) ?? {}).filter(isTextEntry)
  const problem =
    problemOf('base_url', baseUrl && FORMATS['base-url'](baseUrl)) ??
    problemOf('proxy_url', proxyUrl && FORMATS['proxy-url'](proxyUrl)) ??
    headers
      .map(([name, value]) =>
        problemOf('headers', isHeaderName(name) ? FORMATS.secret(value) : 'hold no name of a header'),
      )
      .find((found) => found !== undefined)
  if (problem !== undefined) return { problem }
  const prefix = trimSlashes(readText(field('prefix'))?.trim() ?? '')
  const retry = readWhole(field('request_retry'))
  const aliases = readAliases(field('model_aliases'))
  return {
    isDisabled: readBoolean(field('disabled')) ?? false,
    email: readText(field('email')),
    baseUrl: readText(baseUrl),
    proxyUrl: proxyFor(proxyUrl),
    headers: Object.fromEntries(headers),
    // Like CPA: a prefix of several segments is none.
    prefix: prefix === '' || prefix.includes('/') ? undefined : prefix,
    priority: readWhole(field('priority')) ?? 0,
    excludedModels: readArray(field('excluded_models')).flatMap((pattern) => readText(readText(pattern)?.trim()) ?? []),
    aliases: aliases.length === 0 ? undefined : aliases,
    disableCooling: readBoolean(field('disable_cooling')),
    requestRetry: retry !== undefined && retry >= 0 ? retry : undefined,
  }
}

/** An RFC 3339 text, or a number of seconds or milliseconds; Go's zero time means that nobody knows. */
export function readTime(value: unknown): number | undefined {
  const number = readNumber(value)
  const at = number === undefined ? Date.parse(readText(value) ?? '') : number < 1e11 ? number * 1000 : number
  return at > 0 && at <= TIME_MAX ? at : undefined
}

/** The last moment that a date can say, in milliseconds since the epoch. @see ECMA-262, "Time Values and Time Range" */
const TIME_MAX = 8.64e15

/**
 * A time as the files hold it: RFC 3339, in whole seconds. What no date can say is the nearest that one can: a login must
 * not be lost over it.
 *
 * @param at milliseconds since the epoch
 */
export function timeText(at: number): string {
  return new Date(Math.min(Math.max(at, 0), TIME_MAX)).toISOString().replace(/\.\d+Z$/, 'Z')
}

function problemOf(field: string, message: string | undefined): string | undefined {
  return message === undefined || message === '' ? undefined : `its ${field} ${message}`
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string' && entry[1] !== ''
}

/** A whole number, or a text of one. */
function readWhole(value: unknown): number | undefined {
  if (typeof value === 'string') return /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : undefined
  const number = readNumber(value)
  return number === undefined ? undefined : Math.trunc(number)
}

function readAliases(value: unknown): readonly ModelAlias[] {
  return readObjects(value).flatMap((entry) => {
    const name = readText(entry['name'])?.trim()
    const alias = readText(entry['alias'])?.trim()
    if (!name || !alias) return []
    const displayName = readText(readAuthField(entry, 'display_name'))
    return [{ name, alias, displayName, isFork: readBoolean(entry['fork']) ?? false }]
  })
}
