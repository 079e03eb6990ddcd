import { expect, test } from 'bun:test'
import {
  dataUrlFor,
  mediaKindFor,
  mimeForFileName,
  parseDataUrl,
  sniffMime,
  suffixForMime,
} from '../../../src/protocols/shared/media.ts'

test.each([
  ['data:image/png;base64,AAAA', { mime: 'image/png', data: 'AAAA' }],
  ['DATA:Image/PNG;charset=x;BASE64,AA,A', { mime: 'image/png', data: 'AA,A' }],
  ['data:,a%20b', { mime: '', data: 'YSBi' }],
  ['data:text/plain,100%', { mime: 'text/plain', data: 'MTAwJQ==' }],
  ['data:image/png;base64', undefined],
  ['https://x/data:', undefined],
])('the data URL %s', (url, expected) => {
  expect(parseDataUrl(url)).toEqual(expected)
})

test('mime types go by name, suffix, kind and first bytes', () => {
  expect(dataUrlFor('', 'AA')).toBe('data:application/octet-stream;base64,AA')
  expect(mimeForFileName('Some.Report.PDF')).toBe('application/pdf')
  expect(mimeForFileName('report')).toBeUndefined()
  expect(suffixForMime('image/jpeg')).toBe('jpg')
  expect(mediaKindFor('video/mp4')).toBe('video')
  expect(mediaKindFor('application/pdf')).toBe('document')
  expect(sniffMime('JVBERi0xLjQK')).toBe('application/pdf')
  expect(sniffMime(btoa('PK\x03\x04\x14\x00\x08word/document.xml'))).toEndWith('wordprocessingml.document')
  expect(sniffMime(btoa('PK\x03\x04\x14\x00\x08other'))).toBeUndefined()
  expect(sniffMime('AAAA')).toBeUndefined()
})
