import type { JsonObject } from '../ir/json.ts'
import type { Call, Provider, QuirkSource } from '../providers/provider.ts'
import type { Demand } from './demand.ts'
import { noteQuirk, type Trace } from './trace.ts'

/** The top-level fields that a provider's quirks want in a body, told in the trace; undefined when they want none. */
export function quirkFields(
  body: JsonObject,
  provider: Provider,
  call: Call,
  trace: Trace,
  relayed?: Pick<Demand, 'text' | 'longFields'>,
): JsonObject | undefined {
  let wanted: JsonObject | undefined
  const source: QuirkSource = {
    longText(name) {
      const span = wanted && name in wanted ? undefined : relayed?.longFields?.get(name)
      return span && relayed?.text.slice(span.start, span.end)
    },
    onLoss: trace.onLoss,
  }
  for (const quirk of provider.quirks) {
    const fields = quirk.fields(wanted ? { ...body, ...wanted } : body, call, source)
    if (!fields) continue
    wanted = { ...wanted, ...fields }
    noteQuirk(trace, quirk.name)
  }
  return wanted
}
