import type { Loss } from '../../src/ir/codec.ts'
import type { Fields } from '../../src/lib/json.ts'
import { providerFor } from '../../src/providers/index.ts'
import type { Call, QuirkSource } from '../../src/providers/provider.ts'

/** A call, with what the test cares about. */
export function callFor(options: Partial<Call> = {}): Call {
  return {
    operation: 'generate',
    stream: false,
    model: 'm',
    baseUrl: 'https://upstream.example',
    secret: 'sk-test',
    facts: {},
    clientHeaders: new Headers(),
    ...options,
  }
}

/** What a quirk has beside a body. @param losses gets what is told as lost. */
export function sourceOf({
  long = {},
  losses = [],
}: { long?: Readonly<Record<string, string>>; losses?: Loss[] } = {}): QuirkSource {
  return { longText: (name) => long[name], onLoss: (loss) => void losses.push(loss) }
}

/** What the quirks of a provider make of a body; undefined fields are gone. @param long names of fields that are too long to be parsed */
export function mend(
  provider: string,
  whole: Fields,
  { call = {}, long = [], losses = [] }: { call?: Partial<Call>; long?: readonly string[]; losses?: Loss[] } = {},
): Fields {
  const json = Object.fromEntries(long.map((name) => [name, JSON.stringify(whole[name])]))
  const source = sourceOf({ long: json, losses })
  let body: Fields = Object.fromEntries(Object.entries(whole).filter(([name]) => !long.includes(name)))
  for (const quirk of providerFor({ provider }).quirks)
    body = { ...body, ...quirk.fields(body, callFor({ stream: true, ...call }), source) }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

/** How OpenAI seals its reasoning. */
export const OPENAI_SEAL = `gAAAAABo${'x_-'.repeat(40)}==`

/** How xAI does. */
export const XAI_SEAL = `m/Nx6AJDTYM${'zQ+8'.repeat(20)}`
