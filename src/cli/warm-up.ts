import type { EdgeContext } from '../edge/context.ts'
import { createGuard } from '../edge/guard.ts'
import { createApp } from '../edge/server.ts'
import { createGateway } from '../gateway/gateway.ts'
import { createRouter } from '../gateway/route.ts'
import { createPool } from '../pool/pool.ts'
import { DEMO_ACCOUNT, DEMO_MODEL } from '../providers/demo.ts'

const ASKED = ['/v1/chat/completions', '/v1/messages'].flatMap((path) =>
  [true, false].map((stream) => ({ path, stream })),
)

/**
 * Sends a few questions through a registry of its own, to the demo in this process: schemas and routes are compiled lazily,
 * and the first users should not wait for it. Nothing of it is logged or counted.
 */
export async function warmUp(context: EdgeContext): Promise<void> {
  const pool = createPool({ clock: Date.now, random: Math.random })
  const router = createRouter([{ account: DEMO_ACCOUNT, models: [DEMO_MODEL] }], { forceModelPrefix: false })
  const limits = { requestRetry: 0, maxRetryCredentials: 0, maxRetryIntervalSeconds: 0 }
  const gateway = createGateway({
    state: () => ({ router, limits }),
    pool,
    clock: Date.now,
    random: Math.random,
    newId: (prefix) => prefix,
  })
  const app = createApp({
    ...context,
    guard: () => createGuard([]),
    gateway,
    log: { write: () => undefined, flush: () => undefined },
    inFlight: { count: 0 },
  })
  await Promise.all(ASKED.map(async ({ path, stream }) => await ask(app, path, stream)))
  Bun.gc(true)
}

async function ask(app: ReturnType<typeof createApp>, path: string, stream: boolean): Promise<void> {
  const body = JSON.stringify({
    model: DEMO_MODEL.name,
    max_tokens: 16,
    stream,
    messages: [{ role: 'user', content: 'x' }],
  })
  const response = await app.fetch(new Request(`http://localhost${path}`, { method: 'POST', body }))
  await response.text()
}
