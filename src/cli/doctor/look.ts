import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Account } from '../../accounts/account.ts'
import { readNames } from '../../accounts/files/auth-folder.ts'
import type { Config } from '../../config/config.ts'
import type { AuthFolderFacts, FileFacts, SecretFileFacts } from './files.ts'
import { readFileIfAny } from '../../lib/read-file.ts'

/** Files of logins that are looked at. */
const FILES_MAX = 1000

/** The folder of logins and its files as they are. */
export function lookAtAuthFolder(path: string): AuthFolderFacts {
  if (!existsSync(path)) return { path, files: [] }
  const found = readNames(path)
  if ('problem' in found) return { path, files: [], failure: found.problem }
  const files = found.names.slice(0, FILES_MAX).flatMap((name) => factsOfFile(join(path, name)))
  return { path, folder: fileFacts(path), files }
}

/** The files that hold keys: the config when some are written in it, and the key of the logins. */
export function lookAtSecretFiles(config: Config, path: string | undefined): readonly SecretFileFacts[] {
  const files: SecretFileFacts[] = []
  const text = path === undefined ? undefined : readFileIfAny(path)
  if (path !== undefined && text !== undefined && secretsOf(config).some((secret) => text.includes(secret)))
    files.push({ subject: 'config', ...fileFacts(path) })
  const { keyFile } = config.authEncryption ?? {}
  if (keyFile !== undefined && existsSync(keyFile)) files.push({ subject: 'auth-encryption', ...fileFacts(keyFile) })
  return files
}

function secretsOf({ accounts, apiKeys, management, oauthClients }: Config): readonly string[] {
  const keys = accounts.map(({ secret }: Account) => secret)
  const clients = Object.values(oauthClients).map(({ clientSecret }) => clientSecret ?? '')
  return [...keys, ...apiKeys, ...clients, management.secretKey ?? ''].filter((secret) => secret !== '')
}

function fileFacts(path: string, { mode, uid } = statSync(path)): FileFacts {
  // Windows has neither.
  if (process.getuid === undefined) return { path, isForeign: false }
  return { path, mode: mode & 0o777, isForeign: uid !== process.getuid() }
}

/** None of what is no file: a link may point at nothing, or at a device whose rights are nobody's to change. */
function factsOfFile(path: string): readonly FileFacts[] {
  try {
    const stats = statSync(path)
    return stats.isFile() ? [fileFacts(path, stats)] : []
  } catch {
    return []
  }
}

/** What is free on the disk of a folder, be it not there yet. */
export function freeBytesAt(path: string): number | undefined {
  let folder = path
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}
