import { join } from 'node:path'
import { openAuthFolder, type AuthFolder, type AuthFolderOptions } from '../../accounts/files/auth-folder.ts'
import { composeAuthFile, kindFor } from '../../accounts/files/auth-kinds.ts'
import { readOtherText } from '../../accounts/import/machine.ts'
import { OauthError } from '../../accounts/oauth/oauth-error.ts'
import type { NewLogin, Vendor, VendorContext, VendorId } from '../../accounts/oauth/vendor.ts'
import { vendorFetch } from '../../accounts/oauth/vendor-fetch.ts'
import { loadVendor } from '../../accounts/oauth/vendors.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { errorText } from '../../lib/error-text.ts'
import { readText, type Fields } from '../../lib/json.ts'
import { withoutControls } from '../../lib/without-controls.ts'
import { isHeadless, openBrowser } from './browser.ts'
import { createConversation } from './conversation.ts'
import { writeError } from '../standard-streams.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { errorCode } from '../../lib/error-code.ts'

export interface LoginCommand {
  readonly vendor: VendorId
  readonly loaded: LoadedConfig
  /** Do not open a browser: only print the address. */
  readonly noBrowser: boolean
  /** Device flow in place of the callback, where the vendor has both. */
  readonly isDevice: boolean
  readonly callbackPort?: number
  /** Google's projects: one id, several with commas, or `ALL`. */
  readonly projectId?: string
  /** Vertex AI: the service account's key file that is to be imported. */
  readonly keyFile?: string
  /** Vertex AI: prefix of the imported account's models. */
  readonly prefix?: string
}

/** What the command works with; those of the process unless a test brings its own. */
export interface LoginSurroundings {
  readonly terminal: Terminal
  readonly printError: (text: string) => void
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly clock: () => number
  readonly openBrowser: (url: string, platform: NodeJS.Platform) => Promise<boolean>
  readonly loadVendor: (id: VendorId) => Promise<Vendor>
  readonly openFolder: (options: AuthFolderOptions) => AuthFolder
  readonly timeoutMs?: number
  readonly sleep?: VendorContext['sleep']
}

/** How long a person may take in the browser. */
const BROWSER_MS = 5 * 60 * 1000
/** Codes of devices end by themselves, the last after this. */
const DEVICE_MS = 30 * 60 * 1000
const KEY_FILE_BYTES_MAX = 64 * 1024
/** As the shell has it for SIGINT. */
const INTERRUPTED = 130

const DEVICE_ALONE: ReadonlySet<VendorId> = new Set(['qwen', 'kimi', 'xai'])

/**
 * `cliproxy login`: makes a login and writes its file.
 *
 * @returns the exit code.
 */
export async function runLogin(
  command: LoginCommand,
  own: Partial<LoginSurroundings> = {},
): Promise<0 | 1 | typeof INTERRUPTED> {
  const around = { ...surroundingsOfProcess(), ...own }
  const controller = new AbortController()
  const ignore = around.terminal.onInterrupt(() => controller.abort())
  try {
    const folder = openFolder(command, around)
    const logins = await makeLogins(command, around, controller.signal)
    for (const login of logins) await save(login, { command, around, folder })
    return 0
  } catch (error) {
    if (!(error instanceof OauthError)) throw error
    around.printError(`${error.message}\n`)
    return controller.signal.aborted ? INTERRUPTED : 1
  } finally {
    ignore()
  }
}

function surroundingsOfProcess(): LoginSurroundings {
  return {
    terminal: openTerminal(),
    printError: writeError,
    environment: process.env,
    platform: process.platform,
    clock: Date.now,
    openBrowser,
    loadVendor,
    openFolder: openAuthFolder,
  }
}

function openFolder({ loaded: { config } }: LoginCommand, { openFolder: open, environment }: LoginSurroundings) {
  try {
    return open({ path: config.authDir, encryption: config.authEncryption, environment })
  } catch (error) {
    throw new OauthError(errorText(error))
  }
}

async function makeLogins(
  command: LoginCommand,
  around: LoginSurroundings,
  signal: AbortSignal,
): Promise<readonly NewLogin[]> {
  const { vendor: id, loaded, isDevice, callbackPort, projectId, keyFile, prefix } = command
  const { terminal, platform, environment, clock, sleep } = around
  if (keyFile !== undefined) return [await importKey(keyFile, prefix)]
  const { config } = loaded
  const vendor = await around.loadVendor(id)
  const isAlone = command.noBrowser || isHeadless({ platform, environment })
  const conversation = createConversation({
    terminal,
    title: vendor.title,
    openBrowser: isAlone ? undefined : (url) => around.openBrowser(url, platform),
  })
  const isByDevice = isDevice || DEVICE_ALONE.has(id)
  const options = {
    isDevice: isByDevice,
    callbackPort,
    projectId,
    timeoutMs: around.timeoutMs ?? (isByDevice ? DEVICE_MS : BROWSER_MS),
    pasteAfterMs: isAlone ? 0 : undefined,
  }
  const client = config.oauthClients[id] ?? {}
  const context = { client, fetch: vendorFetch(config.proxyUrl), clock, signal, sleep, environment }
  try {
    return await vendor.login(conversation, options, context)
  } finally {
    conversation.end()
  }
}

async function importKey(path: string, prefix: string | undefined): Promise<NewLogin> {
  const { importServiceAccount } = await import('../../accounts/oauth/service-account.ts')
  const file = readOtherText(path, KEY_FILE_BYTES_MAX)
  if (file.state === 'missing')
    throw new OauthError(`${path} is no file that can be read; wanted: a service account's key`)
  if (file.state === 'broken') throw new OauthError(`${path} ${file.problem}; wanted: a service account's key`)
  return importServiceAccount(file.text, { prefix })
}

interface Saving {
  readonly command: LoginCommand
  readonly around: LoginSurroundings
  readonly folder: AuthFolder
}

/** A file that is there already keeps what its user wrote to it. */
async function save(login: NewLogin, { command, around, folder }: Saving): Promise<void> {
  const { name, fields: made } = composeAuthFile(command.vendor, login, around.clock())
  const known = folder.read(name)
  const fields = known && 'fields' in known ? withUsersFields(known.fields, made) : made
  const path = join(folder.path, name)
  try {
    await folder.write(name, fields)
  } catch (error) {
    const reason = errorCode(error) ?? 'unknown'
    throw new OauthError(`The login was made, and its file ${path} could not be written (${reason})`)
  }
  around.terminal.write(resultOf(command.vendor, { path, fields, name, plan: kindFor(fields)?.facts(fields).plan }))
}

/** Fields that a login has a value for, and whose user may have changed it. */
const USERS_FIELDS = ['location', 'base_url']

/** What the user wrote stays; of the old login nothing does, its end neither. */
function withUsersFields({ expired: _expired, ...known }: Fields, made: Fields): Fields {
  const kept = USERS_FIELDS.filter((name) => known[name] !== undefined).map((name) => [name, known[name]])
  return { ...known, ...made, ...Object.fromEntries(kept) }
}

interface Saved {
  readonly path: string
  readonly name: string
  readonly fields: Fields
  readonly plan: string | undefined
}

function resultOf(vendor: VendorId, { path, name, fields, plan }: Saved): string {
  const email = readText(fields['email'])
  const project = readText(fields['project_id'])
  const who = [email, plan && `plan ${plan}`, project && `project ${project}`].filter((word) => word !== undefined)
  const verb = vendor === 'vertex' ? 'Imported' : 'Logged in'
  const lines = [
    `${verb}${who.length === 0 ? '' : `: ${who.join(', ')}`}`,
    `Saved as ${path}, which you alone can read.`,
    fields['disabled'] === true
      ? `The file says that it is disabled: run \`cliproxy accounts enable ${name}\`.`
      : 'A proxy that runs takes it up at once; `cliproxy` starts one, `cliproxy accounts` lists your accounts.',
  ]
  return lines.map((line) => `${withoutControls(line, '')}\n`).join('')
}
