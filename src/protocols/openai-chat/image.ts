import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart } from '../../ir/part.ts'
import { dataUrlFor, sniffMime } from '../shared/media.ts'

/**
 * A picture of the model's as an entry of `images`, where gateways show them; undefined for any other medium.
 *
 * @see https://openrouter.ai/docs/features/multimodal/image-generation
 */
export function writeImage({ kind, source }: MediaPart): JsonObject | undefined {
  if (kind !== 'image') return undefined
  if (source.type === 'url') return { type: 'image_url', image_url: { url: source.url } }
  if (source.type !== 'base64') return undefined
  const mime = source.mime === '' ? (sniffMime(source.data) ?? 'image/png') : source.mime
  return { type: 'image_url', image_url: { url: dataUrlFor(mime, source.data) } }
}
