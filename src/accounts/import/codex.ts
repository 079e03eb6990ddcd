import { join } from 'node:path'
import { presentFields, readObject, readText } from '../../lib/json.ts'
import { claimsOf, expiryOf } from './claims.ts'
import { folderOf, readOtherFile, type Machine } from './machine.ts'
import type { Finding, Program } from './program.ts'

/**
 * Codex: `tokens` in `auth.json`. A key in it is only named: keys belong into the config.
 *
 * @see https://github.com/openai/codex codex-rs: `AuthDotJson`
 */
export const codexCli: Program = { title: 'Codex', vendor: 'codex', isRotating: true, client: 'codex', find }

const API_KEY = 'it holds an API key, which is not imported: set OPENAI_API_KEY, or codex-api-key in the config'

/** @see behaviour of CLIProxyAPI: the claim that names account and plan. */
const OPENAI_CLAIM = 'https://api.openai.com/auth'

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
  const claims = claimsOf(idToken)
  const openai = readObject(claims[OPENAI_CLAIM]) ?? {}
  const login = {
    tokens: {
      accessToken,
      refreshToken: readText(tokens['refresh_token']),
      expiresAt: expiryOf(accessToken),
      idToken,
    },
    profile:
      presentFields({
        email: readText(claims['email']),
        account_id: readText(tokens['account_id']) ?? readText(openai['chatgpt_account_id']),
        plan_type: readText(openai['chatgpt_plan_type']),
        last_refresh: readText(fields['last_refresh']),
      }) ?? {},
  }
  return { type: 'login', path, login, notes }
}
