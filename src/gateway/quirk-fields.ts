import type { JsonObject } from '../ir/json.ts'
import type { Call, Provider } from '../providers/provider.ts'
import { noteQuirk, type Trace } from './trace.ts'

/** The top-level fields that a provider's quirks want in a body, told in the trace; undefined when they want none. */
export function quirkFields(
  body: JsonObject,
  provider: Provider,
  call: Call,
  trace: Trace,
  whole: () => JsonObject = () => body,
): JsonObject | undefined {
  let wanted: JsonObject | undefined
  for (const quirk of provider.quirks) {
    const fields = quirk.fields(wanted ? { ...body, ...wanted } : body, call, whole)
    if (!fields) continue
    wanted = { ...wanted, ...fields }
    noteQuirk(trace, quirk.name)
  }
  return wanted
}
