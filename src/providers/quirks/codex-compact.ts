import type { Quirk } from '../provider.ts'

/**
 * What the backend of Codex wants of a conversation that it is to compact: instructions, be they empty, and nothing
 * that is said of answers alone.
 *
 * @see behaviour of CLIProxyAPI, `codex_executor_execute.go`: executeCompact
 * @see https://github.com/openai/codex/blob/main/codex-rs/codex-api/src/common.rs: CompactionInput
 */
export const codexCompact: Quirk = {
  name: 'codex-compact',
  fields(body, _call, { longText }) {
    const wanted: Record<string, string | undefined> = {}
    if (typeof body['instructions'] !== 'string' && longText('instructions') === undefined) wanted['instructions'] = ''
    for (const name of OF_ANSWERS)
      if (body[name] !== undefined || longText(name) !== undefined) wanted[name] = undefined
    return Object.keys(wanted).length === 0 ? undefined : wanted
  },
}

const OF_ANSWERS = ['store', 'stream', 'include', 'tool_choice'] as const
