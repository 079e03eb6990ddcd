import type { Quirk } from '../provider.ts'
import { withoutFields } from './without-fields.ts'

/**
 * What the backend of Codex wants of a conversation that it is to compact: instructions, be they empty, and nothing
 * that is said of answers alone.
 *
 * @see behaviour of CLIProxyAPI, `codex_executor_execute.go`: executeCompact
 * @see https://github.com/openai/codex/blob/main/codex-rs/codex-api/src/common.rs: CompactionInput
 */
export const codexCompact: Quirk = {
  name: 'codex-compact',
  fields(body, _call, source) {
    // A compaction loses nothing by what is said of answers.
    const removed = withoutFields(OF_ANSWERS, body, { ...source, onLoss: () => undefined })
    const isInstructed = typeof body['instructions'] === 'string' || source.longText('instructions') !== undefined
    return isInstructed ? removed : { instructions: '', ...removed }
  },
}

const OF_ANSWERS = ['store', 'stream', 'include', 'tool_choice']
