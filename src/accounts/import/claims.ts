import { readText } from '../../lib/json.ts'
import { readJwtPayload } from '../../lib/jwt.ts'

/** Who a JWT is about. */
export function subjectOf(token: string): string | undefined {
  return readText(readJwtPayload(token)['sub'])
}
