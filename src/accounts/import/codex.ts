import { join } from 'node:path'
import { presentFields, readObject, readText } from '../../lib/json.ts'
import { readJwtPayload } from '../../lib/jwt.ts'
import { readTime } from '../files/auth-fields.ts'
import { openaiIdentity } from '../openai-identity.ts'
import { folderOf, readOtherFile, type Machine } from './machine.ts'
import type { Finding, Program } from './program.ts'

/**
 * Codex: `tokens` in `auth.json`. A key in it is only named: keys belong into the config.
 *
 * @see https://github.com/openai/codex codex-rs: `AuthDotJson`
 */
export const codexCli: Program = { title: 'Codex', vendor: 'codex', isRotating: true, client: 'codex', find }

const API_KEY = 'it holds an API key, which is not imported: set OPENAI_API_KEY, or codex-api-key in the config'

function find(machine: Machine): Finding {
  const path = join(folderOf(machine, 'CODEX_HOME', '.codex'), 'auth.json')
  const file = readOtherFile(path)
  if (file.state === 'missing') return { type: 'nothing', notes: [] }
  if (file.state === 'broken') return { type: 'broken', path, problem: file.problem }
  const { fields } = file
  const notes = readText(fields['OPENAI_API_KEY']) === undefined ? [] : [API_KEY]
  const tokens = readObject(fields['tokens'])
  if (!tokens) {
    return notes.length > 0
      ? { type: 'nothing', notes }
      : { type: 'broken', path, problem: 'has neither tokens nor a key' }
  }
  const accessToken = readText(tokens['access_token'])
  if (accessToken === undefined) return { type: 'broken', path, problem: 'has no tokens.access_token' }
  const idToken = readText(tokens['id_token'])
  const { email, accountId, plan } = openaiIdentity(idToken)
  const login = {
    tokens: {
      accessToken,
      refreshToken: readText(tokens['refresh_token']),
      expiresAt: readTime(readJwtPayload(accessToken)['exp']),
      idToken,
    },
    profile:
      presentFields({
        email,
        account_id: readText(tokens['account_id']) ?? accountId,
        plan_type: plan,
        last_refresh: readText(fields['last_refresh']),
      }) ?? {},
  }
  return { type: 'login', path, login, notes }
}
