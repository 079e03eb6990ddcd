import type { OnLoss } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'
import type { Part, ToolCallPart } from '../../ir/part.ts'
import type { ModelRequest, Turn } from '../../ir/request.ts'
import type { Fields } from '../../lib/json.ts'
import { CALL_ID_RULES, callIdsFor, type ToolNames } from '../shared/tool-id.ts'
import { mergeNeighbours, pairToolCalls } from '../shared/turns.ts'
import type { ModelTraits } from './model-traits.ts'
import { readOwn } from './part-out.ts'
import { encodeTurnParts, type TurnContext } from './turn-out.ts'

export interface Conversation {
  readonly systemInstruction?: Content
  readonly contents: readonly Content[]
}

export interface Content {
  readonly role: 'user' | 'model'
  readonly parts: Fields[]
}

/** What is said for the user when the model spoke first. */
const OPENING = '(The conversation begins with the model.)'

/**
 * Google's documented word for calls that Gemini did not make, or made when nobody kept its signatures.
 *
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
const UNSIGNED = 'skip_thought_signature_validator'

/**
 * The conversation as Gemini takes it: the user speaks first, roles alternate, and the results of one round stand
 * together, right after their calls and in their order. A client of Gemini's own gets its contents as it gave them, but
 * for results that Gemini would miss.
 *
 * A system message in mid-conversation becomes the user's words in the same place.
 *
 * @throws {Fault} invalid-request when nothing is said at all, or a user's message holds nothing that Gemini has a form
 * for.
 */
export function encodeConversation(
  request: Pick<ModelRequest, 'system' | 'turns' | 'extras'>,
  names: ToolNames,
  traits: ModelTraits,
  onLoss: OnLoss,
): Conversation {
  const isOwn = request.extras?.gemini !== undefined
  const { system, turns } = isOwn ? request : withoutMidSystem(request, onLoss)
  const paired = isOwn && isAnswered(turns) ? turns : pairToolCalls(turns, onLoss)
  const callId = callIdsFor(CALL_ID_RULES.gemini)
  const context: TurnContext = { isOwn, names, callId, traits, calls: readCalls(paired), onLoss }
  const contents: Content[] = []
  for (const [index, turn] of paired.entries()) {
    const parts = encodeTurnParts(turn, `turns.${index}`, context)
    const role = turn.role === 'assistant' ? 'model' : 'user'
    const last = contents.at(-1)
    if (parts.length === 0) continue
    if (!isOwn && last?.role === role) last.parts.push(...parts)
    else contents.push({ ...readOwn(turn.extras), role, parts: [...parts] })
  }
  if (!isOwn && contents[0]?.role === 'model') {
    onLoss({ path: 'turns.0', reason: 'first-turn' })
    contents.unshift({ role: 'user', parts: [{ text: OPENING }] })
  }
  if (isOwn ? (traits.version ?? 0) >= 300 : traits.signsCalls) for (const content of contents) signFirstCall(content)
  if (contents.length === 0)
    throw new Fault('invalid-request', 'turns: no message holds anything that can be sent; write at least one text')
  return { systemInstruction: encodeSystem(system, context), contents }
}

/** As many results as calls, right after them: all that Gemini asks for, whose calls need no ids. */
function isAnswered(turns: readonly Turn[]): boolean {
  const rounds = mergeNeighbours(turns)
  return rounds.every(({ parts }, index) => {
    const next = rounds[index + 1]
    const isFirst = index === 0
    return (
      (next === undefined || count(parts, 'tool-call') === count(next.parts, 'tool-result')) &&
      (!isFirst || count(parts, 'tool-result') === 0)
    )
  })
}

function count(parts: readonly Part[], type: Part['type']): number {
  return parts.filter((part) => part.type === type).length
}

function withoutMidSystem(
  { system, turns }: Pick<ModelRequest, 'system' | 'turns'>,
  onLoss: OnLoss,
): Pick<ModelRequest, 'system' | 'turns'> {
  if (turns.every((turn) => turn.role === 'system')) return { system: [], turns: [...system, ...turns].map(asUser) }
  if (!turns.some((turn) => turn.role === 'system')) return { system, turns }
  return {
    system,
    turns: turns.map((turn, index) => {
      if (turn.role !== 'system') return turn
      onLoss({ path: `turns.${index}`, reason: 'mid-system' })
      return asUser(turn)
    }),
  }
}

function asUser(turn: Turn): Turn {
  return { ...turn, role: 'user' }
}

/** All calls by their ids, each with its place among them. */
function readCalls(turns: readonly Turn[]): TurnContext['calls'] {
  const calls = new Map<string, { readonly call: ToolCallPart; readonly place: number }>()
  for (const { parts } of turns)
    for (const part of parts)
      if (part.type === 'tool-call' && part.id !== '') calls.set(part.id, { call: part, place: calls.size })
  return calls
}

function encodeSystem(system: readonly Turn[], context: TurnContext): Content | undefined {
  const parts = system.flatMap((turn, index) => encodeTurnParts(turn, `system.${index}`, context))
  return parts.length === 0 ? undefined : { ...readOwn(system[0]?.extras), role: 'user', parts }
}

/** Newer models refuse a turn of calls whose first one has no signature. */
function signFirstCall({ role, parts }: Content): void {
  if (role !== 'model') return
  const at = parts.findIndex((part) => part['functionCall'] !== undefined)
  const call = parts[at]
  if (call && call['thoughtSignature'] === undefined) parts[at] = { ...call, thoughtSignature: UNSIGNED }
}
