import { mergeExtras } from '../../ir/collect.ts'
import type { ModelEvent } from '../../ir/response.ts'
import type { Usage } from '../../ir/usage.ts'
import { readText, type Fields } from '../../lib/json.ts'
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
  let word = ''
  let blocked = ''
  /** What the candidate told beside its content. */
  let told: Fields | undefined
  let hasAnswer = false

  const readCandidate = (candidate: Fields, events: ModelEvent[]): void => {
    const { content, finishReason, index: _index, ...rest } = camelFields(candidate)
    const said = camelObject(content)
    if (said) for (const part of camelObjects(said['parts'])) parts.add(part, events)
    word = readText(finishReason) ?? word
    for (const _key in rest) {
      told = { ...told, ...rest }
      break
    }
  }
  return {
    read(chunk) {
      const events: ModelEvent[] = []
      const { candidates, usageMetadata, ...rest } = camelFields(unwrapped(chunk))
      const answer = firstCandidate(candidates)
      const { blockReason } = camelObject(rest['promptFeedback']) ?? {}
      blocked = readText(blockReason) ?? blocked
      hasAnswer ||= answer !== undefined || blocked !== ''
      head.read(rest, events)
      if (answer) readCandidate(answer, events)
      const counted = camelObject(usageMetadata)
      if (counted) {
        const counts = decodeUsage(counted)
        usage = laterUsage(usage, counts)
        if (!counts) head.keep({ usageMetadata: counted })
      }
      return events
    },
    done() {
      const events: ModelEvent[] = head.isStarted() ? [] : [{ type: 'start' }]
      parts.close(events)
      const finish = decodeFinish({ word, blocked, extras: told && ownExtras(told) }, parts.hasCall())
      events.push({ type: 'finish', finish, usage, extras: head.later() })
      return events
    },
    isComplete: () => word !== '' || blocked !== '',
    hasAnswer: () => hasAnswer,
  }
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
  /** Gives the start with the first chunk. */
  read(fields: Fields, events: ModelEvent[]): void
  /** Adds what is told with the finish. */
  keep(fields: Fields): void
  isStarted(): boolean
  later(): ReturnType<typeof ownExtras>
}

function createHeadReader(): HeadReader {
  let first: Fields | undefined
  /** What later chunks told that the first did not. */
  let later: ReturnType<typeof ownExtras>
  const keep = (fields: Fields): void => {
    later = mergeExtras(later, ownExtras(fields))
  }
  return {
    keep,
    read({ responseId, modelVersion, ...rest }, events) {
      if (first) {
        for (const key in rest)
          if (typeof rest[key] !== 'string' || first[key] !== rest[key]) keep({ [key]: rest[key] })
        return
      }
      first = rest
      events.push({ type: 'start', id: readText(responseId), model: readText(modelVersion), extras: ownExtras(rest) })
    },
    isStarted: () => first !== undefined,
    later: () => later,
  }
}
