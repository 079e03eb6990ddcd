/**
 * A mock upstream of all protocols, a process of its own: `upstream.ts PORT`.
 *
 * Parameters stand in the path, so that they fit into a base URL: `/n=400/gap=10/v1/messages` streams 400 events with
 * 10 ms between them; without a gap they go out in one write. Every text holds {@link markNow}.
 */
import { markNow } from './mark.ts'
import type { Wire } from './wire.ts'
import { WIRES } from './wires.ts'

const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' }

Bun.serve({
  port: Number(process.argv[2]),
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const { url } = request
    const body = await request.text()
    const wire = Object.values(WIRES).find(({ mark }) => url.includes(mark)) ?? WIRES['openai-chat']
    if (!wire.asksForStream(url, body)) {
      return new Response(wire.answer(markNow()), { headers: { 'content-type': 'application/json' } })
    }
    const count = parameterOf(url, 'n', 100)
    const gapMs = parameterOf(url, 'gap', 0)
    return new Response(gapMs === 0 ? burstOf(wire, count) : pacedStream(wire, count, gapMs), { headers: EVENT_STREAM })
  },
})

function parameterOf(url: string, name: string, otherwise: number): number {
  const found = new RegExp(`/${name}=(\\d+)/`).exec(url)
  return found ? Number(found[1]) : otherwise
}

function burstOf(wire: Wire, count: number): ReadableStream {
  return new ReadableStream({
    type: 'direct',
    async pull(controller) {
      const mark = markNow()
      await controller.write(wire.prelude + wire.delta(mark).repeat(count) + wire.coda(mark.repeat(count)))
      controller.close()
    },
  })
}

function pacedStream(wire: Wire, count: number, gapMs: number): ReadableStream {
  return new ReadableStream({
    type: 'direct',
    async pull(controller) {
      let said = markNow()
      await controller.write(wire.prelude + wire.delta(said))
      await controller.flush()
      for (let sent = 1; sent < count; sent++) {
        await Bun.sleep(gapMs)
        const mark = markNow()
        said += mark
        await controller.write(wire.delta(mark))
        await controller.flush()
      }
      await controller.write(wire.coda(said))
      controller.close()
    },
  })
}
