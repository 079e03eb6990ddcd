import { isObject, presentFields } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { withoutFields } from './without-fields.ts'

/**
 * Fields of Responses that xAI refuses; some of its models refuse to be told how much to think as well.
 *
 * @see behaviour of CLIProxyAPI, `xai_executor_request.go`
 */
export const xaiRefused: Quirk = {
  name: 'xai-refused',
  fields(body, { model }, source) {
    const removed = withoutFields(REFUSED, body, source)
    const { reasoning } = body
    if (!NO_EFFORT.test(model) || !isObject(reasoning) || reasoning['effort'] === undefined) return removed
    source.onLoss({ path: 'reasoning.effort', reason: 'reasoning-effort' })
    const { effort: _effort, ...rest } = reasoning
    return { ...removed, reasoning: presentFields(rest) }
  },
}

const REFUSED = ['previous_response_id', 'prompt_cache_retention', 'safety_identifier', 'stream_options', 'stop']

/** @see behaviour of CLIProxyAPI: the models that its registry knows no levels of. */
const NO_EFFORT = /^grok-(?:build|composer|4\.20-\d+-(?:non-)?reasoning)/
