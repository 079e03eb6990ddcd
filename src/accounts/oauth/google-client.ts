import { accessSync, constants, realpathSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { parseObject, readObject, readText, type Fields } from '../../lib/json.ts'
import { OauthError } from './oauth-error.ts'
import type { VendorContext } from './vendor.ts'

/** Google's word for it: installed app. Its secret is none in the sense of RFC 8252, and is not ours to hand out. */
export interface GoogleClient {
  readonly clientId: string
  readonly clientSecret?: string
}

/** Variables that hold the client. */
export const GOOGLE_CLIENT_ID = 'GEMINI_OAUTH_CLIENT_ID'
export const GOOGLE_CLIENT_SECRET = 'GEMINI_OAUTH_CLIENT_SECRET'

/** Folders between Gemini CLI's program and its package. */
const LEVELS_MAX = 6
const FILES_MAX = 400
const FILE_BYTES_MAX = 48 * 1024 * 1024
const TOTAL_BYTES_MAX = 256 * 1024 * 1024
/** The two stand beside each other; further on are clients of libraries. */
const DISTANCE_MAX = 2_000

const ID = /\d+-[a-z\d]+\.apps\.googleusercontent\.com/g
const SECRET = /GOCSPX-[\w-]{20,60}/g

/**
 * The client that logins of Google's are made and refreshed with: the config's, else the environment's, else that of an
 * installed Gemini CLI. A login is refreshed by the client that made it alone, where its file names that.
 *
 * @param fields of the login's file.
 * @throws {OauthError} when there is none, with the three ways to have one.
 */
export async function googleClientFor(context: VendorContext, fields: Fields = {}): Promise<GoogleClient> {
  const { client, environment = process.env } = context
  const { client_id, client_secret } = readObject(fields['token']) ?? {}
  const maker = clientOf(client_id, client_secret)
  const mayAsk = (each: GoogleClient | undefined): each is GoogleClient =>
    each !== undefined && (maker === undefined || each.clientId === maker.clientId)
  const named = [
    clientOf(client.clientId, client.clientSecret),
    clientOf(environment[GOOGLE_CLIENT_ID], environment[GOOGLE_CLIENT_SECRET]),
  ].find(mayAsk)
  // The file may hold a secret that was replaced at Google since.
  const known = [named, maker].find((each) => each?.clientSecret !== undefined) ?? named
  if (known) return known
  const installed = await findInstalledClient(environment)
  if (mayAsk(installed)) return installed
  throw noClient(maker)
}

function clientOf(id: unknown, secret: unknown): GoogleClient | undefined {
  const clientId = readText(id)
  return clientId === undefined ? undefined : { clientId, clientSecret: readText(secret) }
}

function noClient(maker: GoogleClient | undefined): OauthError {
  const need =
    maker === undefined
      ? "Google's login needs the client of an installed app, and there is none. Any of these gives one"
      : `Google refreshes this login for the client ${maker.clientId} alone, and there is none. Any of these may give it`
  return new OauthError(
    `${need}: install Gemini CLI (npm install -g @google/gemini-cli), whose client is found and used; or set client-id ` +
      `and client-secret under oauth-clients.gemini in the config; or set ${GOOGLE_CLIENT_ID} and ${GOOGLE_CLIENT_SECRET}.`,
    { code: 'no-client' },
  )
}

/** The client in the files of the Gemini CLI that PATH finds; undefined when there is none, or none in it. */
export async function findInstalledClient(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GoogleClient | undefined> {
  const budget = { files: FILES_MAX, bytes: TOTAL_BYTES_MAX }
  for (const root of await packagesOnPath(environment)) {
    for await (const file of filesOf(root)) {
      const client = await readClient(file, budget)
      if (client) return client
    }
  }
  return undefined
}

/** Folders of packages that a `gemini` of PATH belongs to. */
async function packagesOnPath({
  PATH,
  Path,
}: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const roots = new Set<string>()
  for (const folder of (PATH ?? Path ?? '').split(delimiter)) {
    if (folder === '') continue
    for (const name of ['gemini', 'gemini.cmd']) {
      const program = join(folder, name)
      if (!isThere(program)) continue
      // Where programs are small scripts, the packages stand beside them, or in the folder of libraries.
      const near = [dirname(realpathSync(program)), join(folder, PACKAGE), join(folder, '..', 'lib', PACKAGE)]
      for (const start of near) {
        const root = await packageAbove(start)
        if (root !== undefined) roots.add(root)
      }
    }
  }
  return [...roots]
}

const PACKAGE = join('node_modules', '@google', 'gemini-cli')

async function packageAbove(start: string): Promise<string | undefined> {
  let folder = start
  for (let level = 0; level < LEVELS_MAX; level++) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '')
    const name = readText(parseObject(text)?.['name'])
    if (name === '@google/gemini-cli') return folder
    const above = dirname(folder)
    if (above === folder) return undefined
    folder = above
  }
  return undefined
}

/** Where releases of Gemini CLI have kept it: a file of the core's package; lately a chunk of the bundle. */
async function* filesOf(root: string): AsyncGenerator<string> {
  const core = join('@google', 'gemini-cli-core')
  for (const folder of [join(root, 'node_modules', core), join(root, '..', '..', core)]) {
    yield join(folder, 'dist', 'src', 'code_assist', 'oauth2.js')
    yield join(folder, 'dist', 'code_assist', 'oauth2.js')
  }
  yield join(root, 'dist', 'src', 'code_assist', 'oauth2.js')
  const bundle = join(root, 'bundle')
  const names = await readdir(bundle).catch(() => [])
  for (const name of names) if (name.endsWith('.js')) yield join(bundle, name)
}

interface Budget {
  files: number
  bytes: number
}

async function readClient(file: string, budget: Budget): Promise<GoogleClient | undefined> {
  const size = (await stat(file).catch(() => undefined))?.size
  if (size === undefined || size > FILE_BYTES_MAX || size > budget.bytes || budget.files === 0) return undefined
  budget.files -= 1
  budget.bytes -= size
  // Latin: the two are ASCII, and bytes that are no text cost nothing.
  return clientIn(await readFile(file, 'latin1'))
}

/** The secret, with the id that stands next to it. */
function clientIn(text: string): GoogleClient | undefined {
  for (const { 0: clientSecret, index } of text.matchAll(SECRET)) {
    const start = Math.max(0, index - DISTANCE_MAX)
    let nearest: { readonly clientId: string; readonly distance: number } | undefined
    for (const { 0: clientId, index: at } of text.slice(start, index + DISTANCE_MAX).matchAll(ID)) {
      const distance = Math.abs(start + at - index)
      if (!nearest || distance < nearest.distance) nearest = { clientId, distance }
    }
    if (nearest) return { clientId: nearest.clientId, clientSecret }
  }
  return undefined
}

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
