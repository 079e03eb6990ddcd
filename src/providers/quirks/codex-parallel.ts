import { hasQuoted } from '../../lib/json-scan.ts'
import { isObject, readArray } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'

/**
 * The backend of Codex takes `parallel_tool_calls` only beside tools; those may also stand in the input.
 *
 * @see behaviour of CLIProxyAPI, `codex_executor_request.go`
 */
export const codexParallel: Quirk = {
  name: 'codex-parallel',
  isForCompactions: true,
  fields({ parallel_tool_calls: parallel, tools, input }, _call, { longText }) {
    if (parallel === undefined || readArray(tools).length > 0 || longText('tools') !== undefined) return undefined
    const isInInput =
      hasQuoted(longText('input') ?? '', 'additional_tools') ||
      readArray(input).some((item) => isObject(item) && item['type'] === 'additional_tools')
    return isInInput ? undefined : { parallel_tool_calls: undefined }
  },
}
