import { isObject, parseObject, readObject, readText } from '../lib/json.ts'
import { bearerHeaders } from './headers.ts'
import type { Provider } from './provider.ts'
import { includeUsage } from './quirks/include-usage.ts'
import { systemFirst } from './quirks/system-first.ts'
import { noEmptyTools } from './quirks/no-empty-tools.ts'

/**
 * Qwen by a login with Qwen Code, at the portal or at the token's own host.
 *
 * @see https://github.com/QwenLM/qwen-code
 */
export const qwen: Provider = {
  id: 'qwen',
  title: 'Qwen',
  protocol: 'openai-chat',
  quirks: [includeUsage, systemFirst, noEmptyTools],
  neverCounts: true,
  url: ({ baseUrl }) => `${baseUrl}/chat/completions`,
  headers: ({ secret }) => bearerHeaders(secret),
  statusFor: (status, body) => (status === 403 && isSpent(body) ? 429 : status),
}

/**
 * The portal says with 403 that the day's requests are used up.
 *
 * @see behaviour of CLIProxyAPI, `qwen_executor.go` of its version 6
 */
function isSpent(body: string): boolean {
  const whole = parseObject(body) ?? {}
  const { code, type, message } = readObject(whole['error']) ?? whole
  if (SPENT_CODES.has(readText(code) ?? '') || SPENT_CODES.has(readText(type) ?? '')) return true
  return /quota exceeded/i.test(readText(message) ?? (isObject(whole['error']) ? '' : body.slice(0, TEXT_CHARS_MAX)))
}

const SPENT_CODES: ReadonlySet<string> = new Set(['insufficient_quota', 'quota_exceeded'])

/** Of a body that is no JSON, what is looked at. */
const TEXT_CHARS_MAX = 1000
