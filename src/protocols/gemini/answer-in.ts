import { mergeExtras } from '../../ir/collect.ts'
import type { ModelEvent } from '../../ir/response.ts'
import type { Usage } from '../../ir/usage.ts'
import { readObject, readText, type Fields } from '../../lib/json.ts'
import { decodeFinish } from './finish.ts'
import { camelFields, camelObject, camelObjects } from './json-case.ts'
import { ownExtras } from './part-in.ts'
import { createPartReader } from './part-stream.ts'
import { decodeUsage, laterUsage } from './usage.ts'

/** Reads the chunks of one answer, each a whole `GenerateContentResponse` of its own. */
export interface AnswerReader {
  read(chunk: Fields): ModelEvent[]
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
  let usage: Usage | undefined
  /** Usage that counted nothing. */
  let uncounted: Fields | undefined
  let word = ''
  let blocked = ''
  /** What the candidate told beside its content. */
  let told: Fields | undefined
  let hasAnswer = false

  const readCandidate = (candidate: Fields, events: ModelEvent[]): void => {
    const { content, finishReason, index: _index, ...rest } = candidate
    const said = camelObject(content)
    if (said) for (const part of camelObjects(said['parts'])) parts.add(part, events)
    word = readText(finishReason) ?? word
    if (Object.keys(rest).length > 0) told = laterWords(told, rest)
  }
  return {
    read(chunk) {
      const events: ModelEvent[] = []
      const { candidates, usageMetadata, ...rest } = camelFields(unwrapped(chunk))
      const answer = firstCandidate(candidates)
      const { blockReason } = camelObject(rest['promptFeedback']) ?? {}
      blocked = readText(blockReason) ?? blocked
      hasAnswer ||= answer !== undefined || blocked !== ''
      head.read(rest)
      if (hasAnswer) head.start(events)
      if (answer) readCandidate(answer, events)
      const counted = camelObject(usageMetadata)
      if (counted) {
        const counts = decodeUsage(counted)
        usage = laterUsage(usage, counts)
        if (!counts) uncounted = counted
      }
      return events
    },
    done() {
      const events: ModelEvent[] = []
      head.start(events)
      parts.close(events)
      if (!usage && uncounted) head.keep({ usageMetadata: uncounted })
      const finish = decodeFinish({ word, blocked, extras: told && ownExtras(told) }, parts.hasCall())
      events.push({ type: 'finish', finish, usage, extras: head.later() })
      return events
    },
    isComplete: () => word !== '' || blocked !== '',
    hasAnswer: () => hasAnswer,
  }
}

/** What a later chunk told laid over what earlier ones did. Citations come chunk by chunk, everything else whole. */
function laterWords(before: Fields | undefined, later: Fields): Fields {
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
function firstCandidate(candidates: unknown): Fields | undefined {
  if (!Array.isArray(candidates)) return undefined
  const [first] = candidates
  if (candidates.length === 1 && isFirst(first)) return camelObject(first)
  return camelObject(candidates.find(isFirst))
}

function isFirst(candidate: unknown): boolean {
  const { index } = camelObject(candidate) ?? {}
  return index === undefined || index === 0 || index === null
}

/** What stands beside the candidates. */
interface HeadReader {
  read(fields: Fields): void
  /** Gives the start, once, with what is known by then. */
  start(events: ModelEvent[]): void
  /** Adds what is told with the finish. */
  keep(fields: Fields): void
  later(): ReturnType<typeof ownExtras>
}

function createHeadReader(): HeadReader {
  /** What was told before the answer began. */
  let first: Fields = {}
  let isStarted = false
  /** What was told since. */
  let later: ReturnType<typeof ownExtras>
  const keep = (fields: Fields): void => {
    later = mergeExtras(later, ownExtras(fields))
  }
  return {
    keep,
    read(fields) {
      if (!isStarted) first = { ...first, ...fields }
      else for (const key in fields) if (!NAMES.has(key) && first[key] !== fields[key]) keep({ [key]: fields[key] })
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

/** They name the answer, and hold from its beginning. */
const NAMES: ReadonlySet<string> = new Set(['responseId', 'modelVersion'])
