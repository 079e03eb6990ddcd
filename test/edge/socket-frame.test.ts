import { describe, expect, test } from 'bun:test'
import { heapStats } from 'bun:jsc'
import { bodyOf, inheritedBy, NOTHING_BEFORE, previousFor, readFrame, type Frame } from '../../src/edge/socket-frame.ts'

const MEGABYTE = 1024 * 1024

function frameOf(text: string): Frame {
  const frame = readFrame(text)
  if (!frame) throw new Error('the frame asks for no answer')
  return frame
}

describe('a frame becomes a request', () => {
  const BEFORE = inheritedBy(frameOf('{"type":"response.create","model":"m","tools":[1]}'), NOTHING_BEFORE)

  test.each([
    [
      'without what is a frame’s, and in the bytes of its own',
      '{"type":"response.create", "model" : "x","n":12345678901234567890,"stream":false,"background":true}',
      '{"stream":true,"model" : "x","n":12345678901234567890}',
    ],
    [
      'that goes on, with what it does not say itself',
      '{"type":"response.create","previous_response_id":"r","tools":[]}',
      '{"stream":true,"model":"m","previous_response_id":"r","tools":[]}',
    ],
    [
      'that is appended, from the newest answer',
      '{"type":"response.append","previous_response_id":null,"model":"$&"}',
      '{"stream":true,"tools":[1],"previous_response_id":"newest","model":"$&"}',
    ],
    [
      'whose previous one is no name, as it is',
      '{"type":"response.append","previous_response_id":5}',
      '{"stream":true,"previous_response_id":5}',
    ],
  ])('%s', (_name, text, body) => {
    const frame = frameOf(text)
    const previous = previousFor(frame, 'newest')
    expect(bodyOf(frame, previous, inheritedBy(frame, previous === undefined ? NOTHING_BEFORE : BEFORE))).toBe(body)
  })
})

test('what requests inherit holds nothing of the frames that it was cut from', () => {
  Bun.gc(true)
  const before = heapStats().heapSize
  const inherited = Array.from({ length: 20 }, (_, at) => {
    const input = JSON.stringify('i'.repeat(MEGABYTE) + at)
    const text = `{"type":"response.create","model":"a-model","instructions":"Be brief and kind","input":${input}}`
    return inheritedBy(frameOf(text), NOTHING_BEFORE)
  })
  Bun.gc(true)
  expect(inherited.map((one) => one.get('model'))).toEqual(inherited.map(() => '"a-model"'))
  expect(heapStats().heapSize - before).toBeLessThan(10 * MEGABYTE)
})
