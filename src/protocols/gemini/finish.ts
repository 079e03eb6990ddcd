import type { Finish, FinishReason } from '../../ir/response.ts'

/** @see https://ai.google.dev/api/generate-content#FinishReason */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'refusal'],
  ['RECITATION', 'refusal'],
  ['BLOCKLIST', 'refusal'],
  ['PROHIBITED_CONTENT', 'refusal'],
  ['SPII', 'refusal'],
  ['IMAGE_SAFETY', 'refusal'],
  ['IMAGE_PROHIBITED_CONTENT', 'refusal'],
  ['IMAGE_RECITATION', 'refusal'],
  ['MODEL_ARMOR', 'refusal'],
  ['JAILBREAK', 'refusal'],
])

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  refusal: 'SAFETY',
  other: 'OTHER',
}

/** Why an answer ended, and what else its candidate told. */
export interface EndWords {
  /** `finishReason`; '' when none came. */
  readonly word: string
  /** `blockReason` of a prompt that was not answered at all; '' when it was. */
  readonly blocked: string
  readonly extras: Finish['extras']
}

/** `hasCall`: the client has a call to run, which Gemini ends like any other answer. */
export function decodeFinish({ word, blocked, extras }: EndWords, hasCall: boolean): Finish {
  if (word === '' && blocked !== '') return { reason: 'refusal', raw: { protocol: 'gemini', word: blocked }, extras }
  const said = word === '' ? 'stop' : (REASONS.get(word) ?? 'other')
  return {
    reason: said === 'stop' && hasCall ? 'tool-calls' : said,
    raw: word === '' ? undefined : { protocol: 'gemini', word },
    extras,
  }
}

/** Gemini's own word where it was one, else that of the reason. */
export function finishWord({ reason, raw }: Finish): string {
  return raw?.protocol === 'gemini' ? raw.word : WORDS[reason]
}
