import type { JsonObject } from '../../ir/json.ts'
import { readArray } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'

/**
 * What the backend of Codex requires: a stream of which nothing is stored, instructions, be they empty, and the
 * reasoning sealed, as it cannot be asked for again.
 *
 * @see behaviour of CLIProxyAPI, `codex_openai-responses_request.go`
 */
export const codexRequired: Quirk = {
  name: 'codex-required',
  fields({ stream, store, instructions, include }, _call, { longText }) {
    const wanted: Record<string, unknown> = {}
    if (stream !== true) wanted['stream'] = true
    if (store !== false) wanted['store'] = false
    if (typeof instructions !== 'string' && longText('instructions') === undefined) wanted['instructions'] = ''
    const included = readArray(include)
    if (!included.includes(SEALED_REASONING)) wanted['include'] = [...included, SEALED_REASONING]
    return Object.keys(wanted).length === 0 ? undefined : (wanted satisfies JsonObject)
  },
}

const SEALED_REASONING = 'reasoning.encrypted_content'
