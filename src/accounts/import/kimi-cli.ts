import { join } from 'node:path'
import { presentFields, readNumber, readText } from '../../lib/json.ts'
import { folderOf, readOtherFile, type Machine } from './machine.ts'
import type { Finding, Program } from './program.ts'
import { readFileIfAny } from '../../lib/read-file.ts'

/**
 * Kimi CLI: `credentials/kimi-code.json`, its times in seconds, and the id of the device beside it.
 *
 * @see https://github.com/MoonshotAI/kimi-cli src/kimi_cli/auth/oauth.py
 */
export const kimiCli: Program = { title: 'Kimi CLI', vendor: 'kimi', isRotating: true, find }

function find(machine: Machine): Finding {
  const folder = folderOf(machine, 'KIMI_SHARE_DIR', '.kimi')
  const path = join(folder, 'credentials', 'kimi-code.json')
  const file = readOtherFile(path)
  if (file.state === 'missing') return { type: 'nothing', notes: [] }
  if (file.state === 'broken') return { type: 'broken', path, problem: file.problem }
  const { fields } = file
  const accessToken = readText(fields['access_token'])
  if (accessToken === undefined) return { type: 'broken', path, problem: 'has no access_token' }
  const expiresAt = readNumber(fields['expires_at'])
  const login = {
    tokens: {
      accessToken,
      refreshToken: readText(fields['refresh_token']),
      // Its writer has 0 for: nobody said.
      expiresAt: expiresAt === undefined || expiresAt === 0 ? undefined : expiresAt * 1000,
      fields: presentFields({ scope: readText(fields['scope']), token_type: readText(fields['token_type']) }),
    },
    profile: presentFields({ device_id: readText(readFileIfAny(join(folder, 'device_id'))?.trim()) }) ?? {},
  }
  return { type: 'login', path, login, notes: [] }
}
