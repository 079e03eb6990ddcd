import type { Quirk } from '../provider.ts'
import { withoutFields } from './without-fields.ts'

/**
 * Fields of Responses that the backend of Codex refuses. Of the service tiers it knows one.
 *
 * @see behaviour of CLIProxyAPI, `codex_executor_execute.go` and `codex_openai-responses_request.go`
 * @see https://github.com/BerriAI/litellm, provider chatgpt: the limits of tokens and `metadata`
 */
export const codexRefused: Quirk = {
  name: 'codex-refused',
  fields(body, _call, source) {
    const { service_tier: tier } = body
    return withoutFields(tier === 'priority' ? REFUSED : [...REFUSED, 'service_tier'], body, source)
  },
}

const REFUSED = [
  'previous_response_id',
  'generate',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
  'stream_options',
  'max_output_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'truncation',
  'user',
  'metadata',
  'context_management',
]
