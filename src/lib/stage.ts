/** One step of a pipeline; see `Stage` in `ir/codec.ts`, which has the same shape. */
interface Step<In, Out> {
  push(input: In): Iterable<Out>
  end(): Iterable<Out>
}

/** Two steps as one: what the first gives, the second takes. */
export function pipe<A, B, C>(first: Step<A, B>, second: Step<B, C>): Step<A, C> {
  return {
    *push(input) {
      for (const middle of first.push(input)) yield* second.push(middle)
    },
    *end() {
      for (const middle of first.end()) yield* second.push(middle)
      yield* second.end()
    },
  }
}
