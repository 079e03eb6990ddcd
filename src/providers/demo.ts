import { parseObject, type Fields } from '../lib/json.ts'
import { answerChunks, readDemoRequest, scriptAnswer, wholeAnswer, type DemoRequest } from './demo-script.ts'
import type { Provider } from './provider.ts'

/** The one model of the demo, as lists show it. */
export const DEMO_MODEL = {
  name: 'demo',
  alias: 'demo',
  displayName: 'Demo (built into cliproxy, no real model)',
  contextTokens: 128_000,
  outputTokens: 4096,
} as const

/** The account that stands for the demo; of the shape of all accounts. */
export const DEMO_ACCOUNT = {
  id: '0000000000000000',
  provider: 'demo',
  label: 'demo',
  secret: '',
  baseUrl: 'demo:',
  headers: {},
  priority: 0,
  models: [DEMO_MODEL],
  excludedModels: [],
  source: 'demo',
} as const

/** Time between two events of a stream: about as fast as a quick model. */
const PACE_MS = 20

/** The built-in upstream: a small script that speaks Chat Completions, so that a fresh install shows the whole path. */
export const demo: Provider = {
  id: 'demo',
  title: 'Demo',
  protocol: 'openai-chat',
  quirks: [],
  url: ({ baseUrl }) => `${baseUrl}/chat/completions`,
  headers: () => ({}),
  answer: (body, signal) => answerDemo(parseObject(body) ?? {}, signal),
}

/**
 * What the demo model answers to a Chat Completions request: it echoes the last words of the user, thinks first when
 * asked to, calls a declared tool whose name the user says, and tells what a tool returned.
 *
 * @param signal ends a stream and its timer at once.
 * @param paceMs time between two events of a stream
 */
export function answerDemo(body: Fields, signal: AbortSignal, paceMs: number = PACE_MS): Response {
  const request = readDemoRequest(body)
  if (!request.stream) return Response.json(wholeAnswer(request, scriptAnswer(request)))
  return new Response(streamAnswer(request, signal, paceMs), { headers: { 'content-type': 'text/event-stream' } })
}

function streamAnswer(request: DemoRequest, signal: AbortSignal, paceMs: number): ReadableStream<Uint8Array> {
  const chunks = answerChunks(request, scriptAnswer(request))
  const encoder = new TextEncoder()
  let stop: (() => void) | undefined
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const leave = (): void => {
        stop?.()
        controller.error(signal.reason)
      }
      const timer = setInterval(() => {
        const next = chunks.next()
        if (next.value === undefined) {
          controller.enqueue(encoder.encode('data: [DONE]\n\n'))
          stop?.()
          controller.close()
        } else controller.enqueue(encoder.encode(`data: ${JSON.stringify(next.value)}\n\n`))
      }, paceMs)
      stop = () => {
        clearInterval(timer)
        signal.removeEventListener('abort', leave)
      }
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    },
    cancel: () => stop?.(),
  })
}
