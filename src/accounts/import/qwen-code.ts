import { join } from 'node:path'
import { presentFields, readNumber, readText } from '../../lib/json.ts'
import { readOtherFile, type Machine } from './machine.ts'
import type { Finding, Program } from './program.ts'

/**
 * Qwen Code: `oauth_creds.json`. Nothing in it says whose login it is.
 *
 * @see https://github.com/QwenLM/qwen-code packages/core/src/qwen/qwenOAuth2.ts
 */
export const qwenCode: Program = { title: 'Qwen Code', vendor: 'qwen', isRotating: true, client: 'qwen', find }

function find({ home }: Machine): Finding {
  const path = join(home, '.qwen', 'oauth_creds.json')
  const file = readOtherFile(path)
  if (file.state === 'missing') return { type: 'nothing', notes: [] }
  if (file.state === 'broken') return { type: 'broken', path, problem: file.problem }
  const { fields } = file
  const accessToken = readText(fields['access_token'])
  if (accessToken === undefined) return { type: 'broken', path, problem: 'has no access_token' }
  const login = {
    tokens: {
      accessToken,
      refreshToken: readText(fields['refresh_token']),
      expiresAt: readNumber(fields['expiry_date']),
      fields: presentFields({ resource_url: readText(fields['resource_url']) }),
    },
    profile: {},
  }
  return { type: 'login', path, login, notes: [] }
}
