import type { ModelEvent } from '../../ir/response.ts'
import {
  type Fields,
  isObject,
  parseJson,
  readNumber,
  readObject,
  readObjects,
  readString,
  readText,
} from '../../lib/json.ts'
import { textOfThinking } from './content-in.ts'
import { readImages, readInput } from './messages-in.ts'
import { readCallSeals, textOfDetails } from './reasoning.ts'
import { createPartWriter, type OpenCall, type PartWriter } from './stream-parts.ts'

/** Reads the deltas of one message, or a whole message as if it were one. */
export interface DeltaReader {
  readonly read: (delta: Fields) => void
  /** Ends what is open. */
  readonly close: () => void
  /** As {@link close}; nothing follows. */
  readonly finish: () => void
  readonly hasParts: () => boolean
  readonly hasCalls: () => boolean
  /** Structured fields of the message that nobody read (annotations, audio …). */
  readonly unread: () => Fields | undefined
}

/** @param write gets the events of the parts. */
export function createDeltaReader(write: (event: ModelEvent) => void): DeltaReader {
  const parts = createPartWriter(write)
  const calls = createCallReader(parts)
  /** A reasoning field has spoken: the details only repeat it. */
  let hasSpokenThinking = false
  let unread: Record<string, unknown> | undefined
  const readThinking = ({ reasoning_content, reasoning, reasoning_details }: Fields): void => {
    const content = readText(reasoning_content)
    const thought = content ?? readText(reasoning)
    const details = Array.isArray(reasoning_details) ? readObjects(reasoning_details) : []
    if (thought !== undefined) {
      hasSpokenThinking = true
      parts.think(thought, content === undefined ? 'reasoning' : 'reasoning_content')
    } else if (!hasSpokenThinking && details.length > 0) {
      const told = textOfDetails(details)
      if (told !== '') parts.think(told, undefined)
    }
    if (details.length > 0) parts.note(details)
  }
  const keep = (key: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const before = unread?.[key]
    ;(unread ??= {})[key] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value
  }
  return {
    read(delta) {
      if (delta['reasoning_content'] != null || delta['reasoning'] != null || delta['reasoning_details'] != null)
        readThinking(delta)
      for (const key in delta) {
        const value = delta[key]
        switch (key) {
          case 'content':
            if (typeof value === 'string') {
              if (value !== '') parts.say('text', value)
            } else if (Array.isArray(value)) readContentList(value, parts)
            break
          case 'role':
          case 'reasoning_content':
          case 'reasoning':
          case 'reasoning_details':
          case 'tool_calls':
          case 'function_call':
          case 'refusal':
          case 'images':
            break
          default:
            keep(key, value)
        }
      }
      const { refusal, images, tool_calls, function_call } = delta
      if (typeof refusal === 'string' && refusal !== '') parts.say('refusal', refusal)
      if (images) for (const image of readImages(images)) if (image.type === 'media') parts.show(image)
      if (tool_calls) for (const call of readObjects(tool_calls)) calls.read(call)
      if (isObject(function_call)) calls.readLegacy(function_call)
    },
    close: parts.close,
    finish: parts.finish,
    hasParts: parts.hasParts,
    hasCalls: parts.hasCalls,
    unread: () => unread,
  }
}

/** Mistral's list of typed parts. */
function readContentList(content: readonly unknown[], parts: PartWriter): void {
  for (const part of readObjects(content)) {
    const { type, text } = part
    const said = type === 'thinking' ? textOfThinking(part) : (readString(text) ?? '')
    if (said === '') continue
    if (type === 'thinking') parts.think(said, 'thinking')
    else parts.say('text', said)
  }
}

interface CallReader {
  /** Takes an entry of `tool_calls`. */
  read(call: Fields): void
  /** Takes the older `function_call`. */
  readLegacy(call: Fields): void
}

/**
 * Tells which call an entry goes on with: by its index; where a vendor gives none, or gives all calls the same, by its
 * id; else by a name that starts a new one.
 */
function createCallReader(parts: PartWriter): CallReader {
  const all: OpenCall[] = []
  const byIndex = new Map<number, OpenCall>()
  let legacy: OpenCall | undefined

  const find = (index: number | undefined, id: string, name: string): OpenCall | undefined => {
    if (index === undefined) {
      if (id !== '') return all.find((call) => call.id === id)
      return name === '' ? all.at(-1) : undefined
    }
    const known = byIndex.get(index)
    const isAnother = known && name !== '' && id !== '' && id !== known.id && isWhole(known)
    return isAnother ? undefined : known
  }
  const take = (call: OpenCall, name: string, delta: string): void => {
    if (call.name === '') call.name = name
    parts.call(call, delta)
  }
  return {
    read(entry) {
      const { index: place, id, type, function: called, custom, extra_content } = entry
      const isCustom = type === 'custom' || (called === undefined && isObject(custom))
      const { name, arguments: args, input } = readObject(isCustom ? custom : called) ?? {}
      const index = readNumber(place)
      const callId = readString(id) ?? ''
      const callName = readString(name) ?? ''
      let call = find(index, callId, callName)
      if (!call) {
        call = { id: callId, name: '', kind: isCustom ? 'custom' : 'function', said: '' }
        all.push(call)
        if (index !== undefined) byIndex.set(index, call)
      }
      const seals = extra_content === undefined ? undefined : readCallSeals(extra_content)
      if (seals) call.seals = seals
      take(call, callName, isCustom ? (readString(input) ?? '') : readInput(args))
    },
    readLegacy({ name, arguments: args }) {
      const callName = readString(name) ?? ''
      const input = readInput(args)
      // Some vendors send every optional field with nothing in it.
      if (!legacy && callName === '' && input === '') return
      legacy ??= { id: '', name: '', kind: 'function', said: '' }
      take(legacy, callName, input)
    },
  }
}

/** True when the call's input is complete, so that a new name must be a new call. */
function isWhole({ said }: OpenCall): boolean {
  return said.trimEnd().endsWith('}') && parseJson(said) !== undefined
}
