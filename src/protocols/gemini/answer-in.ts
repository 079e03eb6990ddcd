import { mergeExtras } from '../../ir/collect.ts'
import type { ModelEvent } from '../../ir/response.ts'
import { readObject, readObjects, readText, type Fields } from '../../lib/json.ts'
import { decodeFinish } from './finish.ts'
import { camelFields, camelObject } from './json-case.ts'
import { ownExtras } from './part-in.ts'
import { createPartReader } from './part-stream.ts'
import { decodeUsage, laterUsage } from './usage.ts'

/** Reads the chunks of one answer, each a whole `GenerateContentResponse` of its own. */
export interface AnswerReader {
  /** @param isPlain no name in it is spelled with an underscore, as in nearly all chunks: nothing is to be renamed. */
  read(chunk: Fields, isPlain?: boolean): ModelEvent[]
  /** Ends the answer. */
  done(): ModelEvent[]
  /** A chunk said why the answer ends, or that there will be none. */
  isComplete(): boolean
  /** A chunk was part of an answer. */
  hasAnswer(): boolean
}

/** @see https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
export function createAnswerReader(): AnswerReader {
  const parts = createPartReader()
  const head = createHeadReader()
  /** Usage as it was last told. */
  let usage: Fields | undefined
  let word = ''
  let blocked = ''
  /** What the candidate told beside its content. */
  let told: Fields | undefined
  let hasAnswer = false

  const readCandidate = (candidate: Fields, isPlain: boolean, events: ModelEvent[]): void => {
    const { content, finishReason } = candidate
    const said = isPlain ? readObject(content) : camelObject(content)
    if (said) for (const part of listed(said['parts'])) parts.add(isPlain ? part : camelFields(part), events)
    word = readText(finishReason) ?? word
    for (const key in candidate) {
      if (key === 'content' || key === 'finishReason' || key === 'index') continue
      told = laterWords(told, candidate)
      break
    }
  }
  return {
    read(chunk, isPlain = false) {
      const events: ModelEvent[] = []
      const fields = isPlain ? unwrapped(chunk) : camelFields(unwrapped(chunk))
      const { candidates, usageMetadata, promptFeedback } = fields
      const answer = firstCandidate(candidates, isPlain)
      if (promptFeedback !== undefined) blocked = readText(camelObject(promptFeedback)?.['blockReason']) ?? blocked
      hasAnswer ||= answer !== undefined || blocked !== ''
      head.read(fields)
      if (hasAnswer) head.start(events)
      if (answer) readCandidate(answer, isPlain, events)
      const counted = isPlain ? readObject(usageMetadata) : camelObject(usageMetadata)
      if (counted) usage = laterUsage(usage, counted)
      return events
    },
    done() {
      const events: ModelEvent[] = []
      head.start(events)
      parts.close(events)
      const counts = decodeUsage(usage)
      if (!counts && usage) head.keep({ usageMetadata: usage })
      const finish = decodeFinish({ word, blocked, extras: told && ownExtras(told) }, parts.hasCall())
      events.push({ type: 'finish', finish, usage: counts, extras: head.later() })
      return events
    },
    isComplete: () => word !== '' || blocked !== '',
    hasAnswer: () => hasAnswer,
  }
}

/** The objects of a list; a lone one is a list too, as protobuf's readers take it. */
function listed(value: unknown): readonly Fields[] {
  const lone = readObject(value)
  return lone ? [lone] : readObjects(value)
}

/** What a later chunk told laid over what earlier ones did. Citations come chunk by chunk, everything else whole. */
function laterWords(
  before: Fields | undefined,
  { content: _content, finishReason: _reason, index: _index, ...later }: Fields,
): Fields {
  const first = readObject(before?.['citationMetadata'])
  const more = readObject(later['citationMetadata'])
  if (!first || !more) return { ...before, ...later }
  const citationMetadata: Record<string, unknown> = { ...first }
  for (const key in more) {
    const [known, added] = [first[key], more[key]]
    citationMetadata[key] = Array.isArray(known) && Array.isArray(added) ? [...known, ...added] : added
  }
  return { ...before, ...later, citationMetadata }
}

/** The answer inside Code Assist's envelope, anything else as it is. */
export function unwrapped(chunk: Fields): Fields {
  const { response, candidates } = chunk
  return candidates === undefined ? (camelObject(response) ?? chunk) : chunk
}

/** Only the first of several answers is read. */
function firstCandidate(candidates: unknown, isPlain: boolean): Fields | undefined {
  for (const candidate of listed(candidates)) {
    const fields = isPlain ? candidate : camelFields(candidate)
    if (isFirst(fields)) return fields
  }
  return undefined
}

function isFirst({ index }: Fields): boolean {
  return index === undefined || index === 0 || index === null
}

/** What stands beside the candidates. */
interface HeadReader {
  /** Takes a chunk; the names of the answer hold from its beginning. */
  read(fields: Fields): void
  /** Gives the start, once, with what is known by then. */
  start(events: ModelEvent[]): void
  /** Adds what is told with the finish. */
  keep(fields: Fields): void
  later(): ReturnType<typeof ownExtras>
}

function createHeadReader(): HeadReader {
  /** What was told before the answer began. */
  const first: Record<string, unknown> = {}
  let isStarted = false
  /** What was told since. */
  let later: ReturnType<typeof ownExtras>
  const keep = (fields: Fields): void => {
    later = mergeExtras(later, ownExtras(fields))
  }
  return {
    keep,
    read(fields) {
      for (const key in fields) {
        if (key === 'candidates' || key === 'usageMetadata') continue
        if (!isStarted) first[key] = fields[key]
        else if (key !== 'responseId' && key !== 'modelVersion' && first[key] !== fields[key])
          keep({ [key]: fields[key] })
      }
    },
    start(events) {
      if (isStarted) return
      isStarted = true
      const { responseId, modelVersion, ...rest } = first
      events.push({ type: 'start', id: readText(responseId), model: readText(modelVersion), extras: ownExtras(rest) })
    },
    later: () => later,
  }
}
