import { type Fields, parseObject } from './json.ts'

/**
 * What a JSON Web Token says, unverified: only to be shown, or told to who gave it. The packages that verify take longer
 * to load than this program may take to start.
 */
export function readJwtPayload(token: string): Fields {
  const [, payload, signature, ...more] = token.split('.')
  if (payload === undefined || signature === undefined || more.length > 0) return {}
  return parseObject(Buffer.from(payload, 'base64url').toString('utf8')) ?? {}
}
