import { createPrivateKey } from 'node:crypto'
import { trimSlashes } from '../../config/formats.ts'
import { parseObject, presentFields, readText, type Fields } from '../../lib/json.ts'
import { OauthError } from './oauth-error.ts'
import type { NewLogin } from './vendor.ts'

export interface ServiceAccountOptions {
  /** Of the models; one word, without slashes inside. */
  readonly prefix?: string
}

const TEXT_LENGTH_MAX = 64 * 1024

/**
 * Reads the key file of a service account, as Google's console gives it out.
 *
 * @param text of the file.
 * @throws {OauthError} saying what is wrong with the file.
 * @see `internal/cmd/vertex_import.go` of CLIProxyAPI
 */
export function importServiceAccount(text: string, { prefix }: ServiceAccountOptions = {}): NewLogin {
  const fields = text.length > TEXT_LENGTH_MAX ? undefined : parseObject(text.replace(/^\uFEFF/, ''))
  if (!fields) throw new OauthError("The key file is no JSON object; wanted: the key that Google's console gives out")
  const { type, client_email, project_id, private_key } = fields
  if (type !== undefined && type !== 'service_account') {
    throw new OauthError('The key file is of another type; wanted: "type": "service_account"')
  }
  const word = trimSlashes(prefix?.trim() ?? '')
  if (word.includes('/')) throw new OauthError('The prefix holds a slash; allowed: one word')
  const projectId = readText(project_id)?.trim()
  const email = readText(client_email)?.trim()
  const privateKey = readText(private_key)
  const missing = Object.entries({ project_id: projectId, client_email: email, private_key: privateKey })
  const names = missing.flatMap(([name, value]) => (value ? [] : [name]))
  if (!projectId || !email || !privateKey) throw new OauthError(`The key file has no ${names.join(' and no ')}`)
  const account: Fields = { ...fields, private_key: repairPrivateKey(privateKey) }
  const profile = {
    service_account: account,
    project_id: projectId,
    email,
    ...presentFields({ prefix: readText(word) }),
  }
  return { tokens: { accessToken: '' }, profile }
}

/**
 * An RSA key as PEM (PKCS #8), whatever happened to its lines on the way: copies through shells and forms lose line ends,
 * double them, or leave `\n` as two characters.
 *
 * @throws {OauthError} when no key is in it.
 */
export function repairPrivateKey(text: string): string {
  const found = /-----BEGIN ((?:RSA )?PRIVATE KEY)-----([^-]*)-----END \1-----/.exec(text.replaceAll(/\\[rn]/g, '\n'))
  if (!found) throw broken()
  const [, kind = '', body = ''] = found
  const lines = body.replaceAll(/[^A-Za-z0-9+/=]/g, '').match(/.{1,64}/g) ?? []
  try {
    const key = createPrivateKey(`-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`)
    if (key.asymmetricKeyType !== 'rsa') throw broken()
    return key.export({ type: 'pkcs8', format: 'pem' })
  } catch {
    throw broken()
  }
}

function broken(): OauthError {
  return new OauthError('The private_key of the key file is no RSA key in PEM; download the key file anew')
}
