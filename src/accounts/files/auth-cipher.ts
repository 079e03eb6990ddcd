import type { AuthEncryption } from '../../config/config.ts'
import { type Fields, readText } from '../../lib/json.ts'
import { readFileIfAny } from '../../lib/read-file.ts'

/** Encrypts the files of logins and reads them again. */
export interface AuthCipher {
  /** The file that holds the content for this name alone. */
  encrypt(name: string, content: string): Fields
  /** @throws {Error} when the key is another one, or the file was changed or renamed. */
  decrypt(name: string, file: Fields): string
}

/** What an encrypted file calls itself. It has no `type`, so that a program without the key passes it over. */
const MARK = 'cliproxy'
const VERSION = 1

/** @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: scrypt; N is the least that is still slow. */
const STRETCH = { N: 2 ** 14, r: 8, p: 1 } as const
const KEY_BYTES = 32
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** True for a file that says of itself that it is encrypted. */
export function isEncrypted(file: Fields): boolean {
  return file['encrypted'] === MARK
}

/**
 * AES-256-GCM with a key of its own for each file; the file's name is bound to the content.
 *
 * The user's text is stretched by scrypt, since it may be a password. That takes some 25 ms, so it is done once for all
 * files: they name the same stretching salt. The key of each file comes from that by HKDF with a salt of the file's own,
 * which costs nothing. Nothing is computed before the first file needs it.
 *
 * @throws {Error} when the key is not there; the message says where it was looked for.
 */
export function createAuthCipher(
  { keyFile, env }: AuthEncryption,
  environment: Readonly<Record<string, string | undefined>>,
): AuthCipher {
  const text = keyText(keyFile, env, environment)
  const { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scryptSync } = process.getBuiltinModule('crypto')
  /** By the stretching salt in base64. */
  const stretched = new Map<string, Buffer>()
  let newest: string | undefined

  const stretch = (salt: string): Buffer => {
    const known = stretched.get(salt)
    if (known) return known
    const made = scryptSync(text, Buffer.from(salt, 'base64'), KEY_BYTES, STRETCH)
    stretched.set(salt, made)
    newest = salt
    return made
  }
  const keyFor = (stretchSalt: string, salt: Buffer): Buffer =>
    Buffer.from(hkdfSync('sha256', stretch(stretchSalt), salt, MARK, KEY_BYTES))

  return {
    encrypt(name, content) {
      const stretchSalt = newest ?? randomBytes(SALT_BYTES).toString('base64')
      const salt = randomBytes(SALT_BYTES)
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', keyFor(stretchSalt, salt), nonce).setAAD(boundData(name))
      const data = Buffer.concat([cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()])
      const [saltText, nonceText, dataText] = [salt, nonce, data].map((bytes) => bytes.toString('base64'))
      return {
        encrypted: MARK,
        version: VERSION,
        stretch: stretchSalt,
        salt: saltText,
        nonce: nonceText,
        data: dataText,
      }
    },
    decrypt(name, file) {
      if (file['version'] !== VERSION) throw new Error('it is encrypted by another version of this program')
      const [salt, nonce, data] = ['salt', 'nonce', 'data'].map((field) =>
        Buffer.from(readText(file[field]) ?? '', 'base64'),
      )
      const stretchSalt = readText(file['stretch'])
      if (!salt || nonce?.length !== NONCE_BYTES || !data || data.length < TAG_BYTES || stretchSalt === undefined)
        throw new Error('it is encrypted and not complete')
      const decipher = createDecipheriv('aes-256-gcm', keyFor(stretchSalt, salt), nonce).setAAD(boundData(name))
      decipher.setAuthTag(data.subarray(-TAG_BYTES))
      try {
        return decipher.update(data.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        throw new Error(
          'it is encrypted with another key, or was changed or renamed; see auth-encryption in the config',
        )
      }
    },
  }
}

function boundData(name: string): Buffer {
  return Buffer.from(`${MARK} ${VERSION} ${name}`)
}

function keyText(
  keyFile: string | undefined,
  env: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const text = keyFile === undefined ? environment[env ?? '']?.trim() : readFileIfAny(keyFile)?.trim()
  if (text !== undefined && text !== '') return text
  const place = keyFile === undefined ? `the environment variable ${env ?? ''}` : keyFile
  throw new Error(
    `there is no key in ${place}; put a long random text there, such as the output of openssl rand -base64 32`,
  )
}
