import { describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { createRelayPump } from '../../src/gateway/relay.ts'
import { createTrace } from '../../src/gateway/trace.ts'
import { CODECS } from '../../src/protocols/index.ts'
import { providerFor } from '../../src/providers/index.ts'
import type { FrameEditor } from '../../src/providers/provider.ts'
import { streamOf } from '../kit/answers.ts'
import { eventsOf } from '../kit/sse.ts'
import { contextFor } from '../laws/context.ts'
import { cutsOf, piecesOf } from '../laws/streams.ts'

/** What a client reads of a relayed stream, with its end. */
function relayed(protocol: Protocol, pieces: readonly Uint8Array[], edit?: FrameEditor): string {
  const codec = CODECS[protocol]
  const context = contextFor('m', [])
  const encoder = codec.streamEncoder(context)
  const writer = { context, encoder: () => encoder, giveWay: () => true }
  const pump = createRelayPump(codec, writer, createTrace(protocol), edit)
  const chunks = [...pieces.map((piece) => pump.push(piece)), pump.end()]
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString()
}

const CODEX = streamOf('openai-responses')
  .map((event) => event.replace(/"output":\[.*\],"parallel/, '"output":[],"parallel'))
  .toSpliced(1, 0, 'event: codex.rate_limits\ndata: {"type":"codex.rate_limits"}\n\n')
  .join('')

const EDITED: readonly (readonly [string, Protocol, string, () => FrameEditor | undefined])[] = [
  ['of Codex’s backend', 'openai-responses', CODEX, () => providerFor({ provider: 'codex-oauth' }).streamEditor?.()],
  [
    'of which one event is hidden',
    'openai-chat',
    streamOf('openai-chat').join(''),
    () => (frame) => (frame.data.includes('"finish_reason":"stop"') ? undefined : frame),
  ],
]

describe.each(EDITED)('a relayed stream %s', (_name, protocol, text, editor) => {
  const whole = eventsOf(relayed(protocol, [Buffer.from(text)], editor()))

  test('is edited', () => {
    expect(whole.length).toBe(eventsOf(text).length - 1)
  })

  test.each([
    ['LF', text],
    ['CRLF', text.replaceAll('\n', '\r\n')],
  ])('has the same events for every cut (%s)', (_ends, sent) => {
    const bytes = Buffer.from(sent)
    const cut = cutsOf(bytes.length).map((at) => [bytes.subarray(0, at), bytes.subarray(at)])
    for (const pieces of [...cut, ...[1, 2, 7, 100].map((size) => piecesOf(bytes, size))])
      expect(eventsOf(relayed(protocol, pieces, editor()))).toEqual(whole)
  })
})
