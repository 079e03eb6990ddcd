/** Below the ports that systems give to connections by themselves, so that nobody beside takes it meanwhile. */
const FIRST = 20_000
const COUNT = 12_000

/** A port of 127.0.0.1 at which nothing listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    try {
      await Bun.serve({ hostname: '127.0.0.1', port, reusePort: false, fetch: () => new Response('') }).stop(true)
      return port
    } catch {
      // Somebody listens there.
    }
  }
}
