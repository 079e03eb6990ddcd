import type { Fault } from '../../ir/fault.ts'
import { type Fields, readObject } from '../../lib/json.ts'
import { openaiFaults } from '../shared/openai-fault.ts'

export const { decodeFault, smuggledFault, brokenAnswer, encodeFault } = openaiFaults('openai-chat')

/**
 * The fault that a 200 answer smuggled, undefined when the value holds none: `{error: …}` in any shape,
 * `{code, message}`, `{detail}`, `{object: 'error', …}`, also one level down in a choice.
 */
export function readSmuggledFault(value: Fields): Fault | undefined {
  const { error, choices, object, type, message, detail, base_resp } = value
  const isBare =
    object === 'error' || type === 'error' || typeof message === 'string' || (detail !== undefined && detail !== null)
  if (isPresent(error)) return smuggledFault(value)
  // MiniMax.
  const { status_code, status_msg } = readObject(base_resp) ?? {}
  if (isPresent(status_code)) return smuggledFault({ code: status_code, message: status_msg })
  if (!Array.isArray(choices)) return isBare ? smuggledFault(value) : undefined
  const { error: inner } = readObject(choices[0]) ?? {}
  return isPresent(inner) ? smuggledFault({ error: inner }) : undefined
}

/** Some vendors send every optional field, with nothing in it. */
function isPresent(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isPresent)
  return value !== undefined && value !== null && value !== '' && value !== false && value !== 0
}
