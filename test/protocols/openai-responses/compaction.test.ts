import { describe, expect, test } from 'bun:test'
import { readSummary, writeSummary } from '../../../src/protocols/openai-responses/compaction.ts'
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts'
import { hasSeals } from '../../../src/protocols/shared/seal.ts'

const SUMMARY = 'They want the tests in Zürich to pass.'

describe('a summary in the place of a compaction', () => {
  test('comes back as it was written, and keeps its request from being relayed', () => {
    const item = writeSummary(SUMMARY, 'cmp_1')
    expect(item).toMatchObject({ type: 'compaction', id: 'cmp_1' })
    expect(readSummary(item)).toBe(SUMMARY)
    expect(hasSeals(JSON.stringify(item))).toBe(true)
  })

  test('is words of the user’s in a request, where it stands', () => {
    const input = [
      { role: 'user', content: 'Before' },
      writeSummary(SUMMARY, 'cmp_1'),
      { role: 'user', content: 'After' },
    ]
    const { turns } = openaiResponses.decodeRequest({ model: 'm', input })
    expect(turns.map(({ role }) => role)).toEqual(['user', 'user', 'user'])
    expect(turns[1]?.parts).toMatchObject([{ type: 'text', text: expect.stringContaining(SUMMARY) }])
  })

  test.each([
    ['a vendor’s own', { type: 'compaction', encrypted_content: 'gAAAAA' }],
    ['one without content', { type: 'compaction' }],
    ['one whose content is cut short', { ...writeSummary(SUMMARY, 'cmp_1'), encrypted_content: 'seal.v1.eyJ' }],
    ['another item', { ...writeSummary(SUMMARY, 'cmp_1'), type: 'reasoning' }],
  ])('%s is none', (_name, item) => {
    expect(readSummary(item)).toBeUndefined()
  })

  test('a vendor’s own compaction goes back to it as it was', () => {
    const own = { type: 'compaction', id: 'cmp_9', encrypted_content: 'gAAAAA' }
    const request = openaiResponses.decodeRequest({ model: 'm', input: [own, { role: 'user', content: 'Go' }] })
    expect(openaiResponses.encodeRequest(request, () => undefined)['input']).toMatchObject([own, { role: 'user' }])
  })
})
