import type { Loss } from '../../src/ir/codec.ts'
import type { Fields } from '../../src/lib/json.ts'
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

/** A body that a quirk looks at. @param losses gets what is told as lost. */
export function sourceOf(
  whole: Fields,
  { long = {}, losses = [] }: { long?: Readonly<Record<string, string>>; losses?: Loss[] } = {},
): QuirkSource {
  return { whole: () => whole, longText: (name) => long[name], onLoss: (loss) => void losses.push(loss) }
}
