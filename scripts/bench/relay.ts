/** The floor for anything on Bun, a process of its own: forwards what it gets and reads nothing. `relay.ts PORT BASE_URL` */
const base = process.argv[3] ?? ''

Bun.serve({
  port: Number(process.argv[2]),
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const { pathname, search } = new URL(request.url)
    const answer = await fetch(base + pathname + search, {
      method: 'POST',
      body: await request.text(),
      signal: request.signal,
      timeout: false,
      headers: { 'content-type': 'application/json', authorization: 'Bearer upstream-key' },
    })
    const type = answer.headers.get('content-type') ?? ''
    const isStream = type.startsWith('text/event-stream') && answer.body
    return new Response(isStream ? copyOf(answer.body) : await answer.arrayBuffer(), {
      headers: { 'content-type': type },
    })
  },
})

function copyOf(body: ReadableStream<Uint8Array>): ReadableStream {
  const reader = body.getReader()
  return new ReadableStream({
    type: 'direct',
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        await controller.write(value)
        await controller.flush()
      }
      controller.close()
    },
    cancel: () => reader.cancel(),
  })
}
