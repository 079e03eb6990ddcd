import { join } from 'node:path'
import { presentFields, readNumber, readText } from '../../lib/json.ts'
import { readJwtPayload } from '../../lib/jwt.ts'
import { loginCommand } from '../oauth/login-command.ts'
import { folderOf, readOtherFile, type Machine } from './machine.ts'
import type { Finding, Program } from './program.ts'

/**
 * Gemini CLI: `oauth_creds.json`, and the email in `google_accounts.json`.
 *
 * @see https://github.com/google-gemini/gemini-cli packages/core/src/code_assist/oauth2.ts, utils/userAccountManager.ts
 */
export const geminiCli: Program = { title: 'Gemini CLI', vendor: 'gemini', isRotating: false, client: 'gemini', find }

const ENCRYPTED =
  'its login is in an encrypted file or the keychain, which is not read; make one of your own: ' +
  loginCommand('gemini')

function find(machine: Machine): Finding {
  const folder = join(folderOf(machine, 'GEMINI_CLI_HOME'), '.gemini')
  const path = join(folder, 'oauth_creds.json')
  const file = readOtherFile(path)
  if (file.state === 'missing') {
    const isEncrypted = machine.environment['GEMINI_FORCE_ENCRYPTED_FILE_STORAGE'] === 'true'
    return { type: 'nothing', notes: isEncrypted ? [ENCRYPTED] : [] }
  }
  if (file.state === 'broken') return { type: 'broken', path, problem: file.problem }
  const { fields } = file
  const accessToken = readText(fields['access_token'])
  if (accessToken === undefined) return { type: 'broken', path, problem: 'has no access_token' }
  const idToken = readText(fields['id_token'])
  const claims = readJwtPayload(idToken ?? '')
  const accounts = readOtherFile(join(folder, 'google_accounts.json'))
  const active = accounts.state === 'read' ? readText(accounts.fields['active']) : undefined
  const projectId = projectOf(machine)
  const login = {
    tokens: {
      accessToken,
      refreshToken: readText(fields['refresh_token']),
      expiresAt: readNumber(fields['expiry_date']),
      idToken,
      fields: presentFields({
        scope: readText(fields['scope']),
        token_type: readText(fields['token_type']),
        // Google refreshes it for the client alone that it was given to.
        token: presentFields({ client_id: readText(claims['azp']) }),
      }),
    },
    profile: presentFields({ email: active ?? readText(claims['email']), project_id: projectId }) ?? {},
  }
  return { type: 'login', path, login, notes: [] }
}

function projectOf({ environment }: Machine): string | undefined {
  return (
    readText(environment['GOOGLE_CLOUD_PROJECT']?.trim()) ?? readText(environment['GOOGLE_CLOUD_PROJECT_ID']?.trim())
  )
}
