import { describe, expect, test } from 'bun:test'
import { createSseReader, writeSse, type SseEvent } from '../../src/lib/sse.ts'

const STREAM = 'event: a\r\ndata: {"x":"ü→😀"}\r\n\r\n: comment\n\ndata: one\ndata: two\n\ndata: [DONE]\n\n'
const EVENTS = [
  { event: 'a', data: '{"x":"ü→😀"}' },
  { event: undefined, data: 'one\ntwo' },
  { event: undefined, data: '[DONE]' },
]

function readAll(chunks: readonly Uint8Array[]): readonly { event: string | undefined; data: string }[] {
  const reader = createSseReader()
  const events: SseEvent[] = []
  for (const chunk of chunks) events.push(...reader.push(chunk))
  events.push(...reader.end())
  return events.map(({ event, data }) => ({ event, data }))
}

describe('the reader', () => {
  const bytes = new TextEncoder().encode(STREAM)

  test('gives the same events for every cut', () => {
    for (let at = 0; at <= bytes.length; at++) expect(readAll([bytes.slice(0, at), bytes.slice(at)])).toEqual(EVENTS)
  })

  test('gives the same events byte by byte', () => {
    expect(readAll([...bytes].map((byte) => new Uint8Array([byte])))).toEqual(EVENTS)
  })

  test('gives lists that stay as they are while it reads on', () => {
    const reader = createSseReader()
    const none = reader.push(bytes.slice(0, 3))
    const first = reader.push(bytes.slice(3, bytes.indexOf(0x3a, 40)))
    reader.push(bytes.slice(bytes.indexOf(0x3a, 40)))
    expect([none.length, first.length]).toEqual([0, 1])
  })

  test('gives a last event that no blank line ends', () => {
    expect(readAll([new TextEncoder().encode('data: {"a":1}')])).toEqual([{ event: undefined, data: '{"a":1}' }])
  })

  test.each(['{"error":{"message":"no"}}', '<html>busy</html>'])(
    'gives a body that is no stream as one event: %s',
    (body) => {
      const half = new TextEncoder().encode(body)
      expect(readAll([half.slice(0, 5), half.slice(5)])).toEqual([{ event: undefined, data: body }])
    },
  )
})

describe('the reader of an array', () => {
  const elements = ['{"a":[1,{"b":"]},[\\"\\\\"}]}', '"x,y"', '7', '{"ü":"😀"}']
  const bytes = new TextEncoder().encode(` [${elements[0]}\n,\r\n${elements[1]},${elements[2]} , ${elements[3]}\n] `)

  test('gives its elements for every cut', () => {
    for (let at = 0; at <= bytes.length; at++)
      expect(readAll([bytes.slice(0, at), bytes.slice(at)]).map(({ data }) => data)).toEqual(elements)
  })

  test('gives an object as soon as it ends', () => {
    const reader = createSseReader()
    expect(reader.push(new TextEncoder().encode('[{"a":1}'))).toEqual([{ data: '{"a":1}' }])
    expect(reader.isArray).toBe(true)
    expect(reader.push(new TextEncoder().encode('\n,\r\n{"a"'))).toEqual([])
    expect(reader.end()).toEqual([{ data: '{"a"' }])
  })

  test.each(['[]', '[ ]', '['])('gives nothing for %s', (text) => {
    expect(readAll([new TextEncoder().encode(text)])).toEqual([])
  })
})

describe('the writer', () => {
  test.each([
    [{ data: '{}' }, 'data: {}\n\n'],
    [{ event: 'ping', data: '{}' }, 'event: ping\ndata: {}\n\n'],
    [{ data: 'a\nb' }, 'data: a\ndata: b\n\n'],
  ])('writes %j', (frame, text) => {
    expect(writeSse(frame)).toBe(text)
  })
})
