import type { Call } from '../../src/providers/provider.ts'

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
