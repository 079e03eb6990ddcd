import { join } from 'node:path'
import { presentFields, readNumber, readObject, readText, type Fields } from '../../lib/json.ts'
import { loginCommand } from '../oauth/login-command.ts'
import { folderOf, readOtherFile, type Machine } from './machine.ts'
import type { Finding, Program } from './program.ts'

/**
 * Claude Code: `claudeAiOauth` in `.credentials.json`; who it is stands in `.claude.json`.
 *
 * @see https://code.claude.com/docs/en/authentication
 */
export const claudeCode: Program = { title: 'Claude Code', vendor: 'claude', isRotating: true, client: 'claude', find }

function find(machine: Machine): Finding {
  const path = join(folderOf(machine, 'CLAUDE_CONFIG_DIR', '.claude'), '.credentials.json')
  const file = readOtherFile(path)
  if (file.state === 'broken') return { type: 'broken', path, problem: file.problem }
  const account = accountOf(machine)
  const found = file.state === 'read' ? readObject(file.fields['claudeAiOauth']) : undefined
  if (!found) return { type: 'nothing', notes: account && machine.platform === 'darwin' ? [KEYCHAIN] : [] }
  const accessToken = readText(found['accessToken'])
  if (accessToken === undefined) return { type: 'broken', path, problem: 'has no claudeAiOauth.accessToken' }
  const login = {
    tokens: {
      accessToken,
      refreshToken: readText(found['refreshToken']),
      expiresAt: readNumber(found['expiresAt']),
    },
    profile: presentFields({ ...account, subscription_type: readText(found['subscriptionType']) }) ?? {},
  }
  return { type: 'login', path, login, notes: [] }
}

const KEYCHAIN =
  "its login is in the keychain ('Claude Code-credentials'), which is not read; make one of your own: " +
  loginCommand('claude')

/** In the words of the login's file. */
function accountOf({ home, environment }: Machine): Fields | undefined {
  const folder = environment['CLAUDE_CONFIG_DIR']?.trim() ?? ''
  const file = readOtherFile(join(folder === '' ? home : folder, '.claude.json'))
  const account = file.state === 'read' ? readObject(file.fields['oauthAccount']) : undefined
  return (
    account && {
      email: readText(account['emailAddress']),
      account_uuid: readText(account['accountUuid']),
      organization_uuid: readText(account['organizationUuid']),
      organization_name: readText(account['organizationName']),
    }
  )
}
