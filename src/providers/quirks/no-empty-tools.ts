import type { Quirk } from '../provider.ts'

/**
 * A list of no tools is refused, or breaks the stream; and without tools there is none to choose.
 *
 * @see behaviour of CLIProxyAPI, `qwen_executor.go` of its version 6
 */
export const noEmptyTools: Quirk = {
  name: 'no-empty-tools',
  fields({ tools, tool_choice: choice }) {
    if (!Array.isArray(tools) || tools.length > 0) return undefined
    return choice === undefined ? { tools: undefined } : { tools: undefined, tool_choice: undefined }
  },
}
