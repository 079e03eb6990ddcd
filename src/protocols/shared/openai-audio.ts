import type { MediaSource } from '../../ir/part.ts'
import { readText } from '../../lib/json.ts'
import { invalidField, kindOf, requiredObject } from './fields.ts'
import { mimeForFileName, parseDataUrl } from './media.ts'

/** The sound in an `input_audio` of Chat or Responses; `path` is the part's. @throws {Fault} invalid-request without data. */
export function readAudioSource(audio: unknown, path: string): MediaSource {
  const { data, format } = requiredObject(audio, `${path}.input_audio`)
  const text = readText(data)
  if (text === undefined) throw invalidField(`${path}.input_audio.data`, `must be base64, not ${kindOf(data)}.`)
  const suffix = readText(format)
  const mime = suffix === undefined ? '' : (mimeForFileName(`.${suffix}`) ?? `audio/${suffix}`)
  return { type: 'base64', mime, data: parseDataUrl(text)?.data ?? text }
}
