import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createEventCutter } from '../../src/lib/whole-events.ts'

describe('cutting where events end', () => {
  test('whatever the cuts: what comes out ends with a blank line, is a beginning, and nothing whole is kept', () => {
    const line = fc.constantFrom('data: x', 'event: y', '', ': z')
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 12 })
      .map((lines) => lines.map((parts) => parts.join('')).join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(80), { maxLength: 8 }), (whole, cuts) => {
        const bytes = Buffer.from(`data: first\n${whole}`)
        const places = [0, ...cuts.map((at) => at % (bytes.byteLength + 1)).toSorted((a, b) => a - b), bytes.byteLength]
        const cutter = createEventCutter()
        let out = ''
        for (const [index, end] of places.slice(1).entries()) {
          out += Buffer.from(cutter.push(bytes.subarray(places[index] ?? 0, end))).toString()
          expect(out).toMatch(/^$|\n\r?\n$/)
        }
        expect(bytes.toString().startsWith(out)).toBe(true)
        expect(bytes.toString().slice(out.length)).not.toMatch(/\n\r?\n/)
      }),
    )
  })

  test('an event of 64 MB in small pieces costs no square', () => {
    // Which would be 137 GB of copies: more than the time of a test is enough for.
    const cutter = createEventCutter()
    const piece = Buffer.alloc(16 * 1024, 'a')
    for (let at = 0; at < 4096; at++) expect(cutter.push(piece).byteLength).toBe(0)
    expect(cutter.push(Buffer.from('\n\n')).byteLength).toBe(64 * 1024 * 1024 + 2)
  })
})
