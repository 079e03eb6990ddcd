import type { EdgeContext } from '../../edge/context.ts'
import { createGuard } from '../../edge/guard.ts'
import { createApp } from '../../edge/server.ts'
import { NO_RESPONSES } from '../../gateway/response-memory.ts'
import { createGateway } from '../../gateway/gateway.ts'
import { createRouter } from '../../gateway/route.ts'
import { createPool } from '../../pool/pool.ts'
import { DEMO_ACCOUNT, DEMO_MODEL } from '../../providers/demo.ts'

const QUESTION = { messages: [{ role: 'user', content: 'x' }] }
const CONTENTS = { contents: [{ parts: [{ text: 'x' }] }] }

/** A question to each API, by its path. */
const ASKED: readonly (readonly [path: string, body: object])[] = [
  ...[true, false].flatMap((stream): [string, object][] => [
    ['/v1/chat/completions', { stream, ...QUESTION }],
    ['/v1/messages', { stream, max_tokens: 16, ...QUESTION }],
    ['/v1/responses', { stream, input: 'x' }],
  ]),
  [`/v1beta/models/${DEMO_MODEL.name}:generateContent`, CONTENTS],
  [`/v1beta/models/${DEMO_MODEL.name}:streamGenerateContent?alt=sse`, CONTENTS],
]

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
    responses: NO_RESPONSES,
    inFlight: { count: 0 },
  })
  await Promise.all(ASKED.map(async ([path, body]) => await ask(app, path, body)))
  Bun.gc(true)
}

async function ask(app: ReturnType<typeof createApp>, path: string, question: object): Promise<void> {
  const body = JSON.stringify({ model: DEMO_MODEL.name, ...question })
  const response = await app.fetch(new Request(`http://localhost${path}`, { method: 'POST', body }))
  await response.text()
}
