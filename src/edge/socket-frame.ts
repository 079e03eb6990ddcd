import { isWholeHistory } from '../gateway/history.ts'
import { Fault } from '../ir/fault.ts'
import { detachText } from '../lib/detached-text.ts'
import { readText } from '../lib/json.ts'
import { fieldText, fieldValue, scanFields, type Scan } from '../lib/json-scan.ts'

/** A frame that asks for an answer. */
export interface Frame {
  readonly text: string
  readonly fields: Scan['fields']
  readonly isAppended: boolean
  /** Nothing is to be generated: the client only sends ahead what its next request builds on. */
  readonly isPrewarm: boolean
}

/** What a request has of those before it on the same socket, as JSON by field. */
export type Inherited = ReadonlyMap<string, string>

export const NOTHING_BEFORE: Inherited = new Map()

/** Fields that a request inherits from the one before it. */
const INHERITED = ['model', 'instructions', 'tools'] as const

/** Fields of a frame that are no request's, or that are the socket's to set. */
const FRAME_FIELDS: ReadonlySet<string> = new Set(['type', 'generate', 'background', 'stream'])

const PREVIOUS = 'previous_response_id'

/** @returns undefined for a frame that wants no answer. @throws {Fault} invalid-request */
export function readFrame(text: string): Frame | undefined {
  const fields = scanFields(text)?.fields
  if (!fields) throw new Fault('invalid-request', `The frame is no JSON object: send ${EXPECTED}.`)
  const type = fieldValue(text, fields, 'type')
  // Codex says so of an answer that it has taken.
  if (type === 'response.processed') return undefined
  if (type !== 'response.create' && type !== 'response.append') {
    const shown = (JSON.stringify(type) ?? 'missing').slice(0, 60)
    throw new Fault('invalid-request', `The field 'type' is ${shown}: send ${EXPECTED}.`, { param: 'type' })
  }
  if (fields.has('stream_id'))
    throw new Fault('invalid-request', NO_STREAMS, { code: 'unsupported_parameter', param: 'stream_id' })
  const isPrewarm = fieldValue(text, fields, 'generate') === false
  return { text, fields, isAppended: type === 'response.append', isPrewarm }
}

const NO_STREAMS = 'stream_id: a socket carries one conversation at a time here. Leave it out, or open another socket.'

const EXPECTED = `an object of type 'response.create'`

/**
 * The answer that a frame goes on from. What is appended goes on from the newest one, unless it says from which, or is
 * all there is.
 */
export function previousFor({ text, fields, isAppended }: Frame, newest: string | undefined): string | undefined {
  const named = fieldValue(text, fields, PREVIOUS)
  if (named || !isAppended || newest === undefined) return readText(named)
  return isWholeHistory(fieldValue(text, fields, 'input')) ? undefined : newest
}

/** What the request after a frame inherits. @param before what the frame itself does. */
export function inheritedBy({ text, fields }: Frame, before: Inherited): Inherited {
  const inherited = new Map<string, string>()
  for (const name of INHERITED) {
    const own = fieldText(text, fields, name)
    // A socket may be idle for long, and its last frame large.
    const json = own === undefined ? before.get(name) : detachText(own)
    if (json !== undefined) inherited.set(name, json)
  }
  return inherited
}

/** The body of the request that a frame asks. @param previous see {@link previousFor} */
export function bodyOf({ text, fields }: Frame, previous: string | undefined, inherited: Inherited): string {
  const written = ['"stream":true']
  for (const [name, json] of inherited) if (!fields.has(name)) written.push(`"${name}":${json}`)
  if (previous !== undefined) written.push(`"${PREVIOUS}":${JSON.stringify(previous)}`)
  for (const [name, { keyStart, end }] of fields) {
    const isWritten = FRAME_FIELDS.has(name) || (name === PREVIOUS && previous !== undefined)
    if (!isWritten) written.push(text.slice(keyStart, end))
  }
  return `{${written.join(',')}}`
}
