import type { OnLoss } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'
import type { ModelRequest, Turn } from '../../ir/request.ts'
import { CALL_ID_RULES, callIdsFor, type ToolNames } from '../shared/tool-id.ts'
import { pairToolCalls } from '../shared/turns.ts'
import { encodePart, type Block, type BlockContext } from './blocks-out.ts'
import type { ModelTraits } from './model-traits.ts'

export interface Conversation {
  readonly system: readonly Block[]
  readonly messages: readonly Message[]
  /** Results wait for an answer, and the assistant's turn that asked for them does not begin with thinking. */
  readonly lacksThinking: boolean
}

interface Message extends Record<string, unknown> {
  readonly role: Turn['role']
  readonly content: Block[]
}

/** What is said for the user when the assistant spoke first. */
const OPENING = '(The conversation begins with the assistant.)'
/** What is asked of a model that cannot go on with the beginning of an answer. */
const GO_ON = 'Please go on from exactly where you stopped.'

/**
 * The conversation as Anthropic takes it: the user speaks first, every call is answered at once, results come first.
 *
 * A system message in mid-conversation stays one for a client of Anthropic's own, who knows which models take it;
 * another client's becomes the user's words in the same place, which every model takes and which keeps the prompt cache.
 *
 * @throws {Fault} invalid-request when nothing is said at all, or a user's message holds nothing that Anthropic has a
 * form for.
 */
export function encodeConversation(
  request: Pick<ModelRequest, 'system' | 'turns' | 'extras'>,
  names: ToolNames,
  traits: ModelTraits,
  onLoss: OnLoss,
): Conversation {
  const isOwn = request.extras?.anthropic !== undefined
  const context: BlockContext = { names, callId: callIdsFor(CALL_ID_RULES.anthropic), onLoss }
  const { system, turns } = isOwn ? request : withoutMidSystem(request, onLoss)
  const messages: Message[] = []
  for (const [index, turn] of pairToolCalls(turns, onLoss).entries()) {
    const content = encodeTurn(turn, index, isOwn, context)
    const last = messages.at(-1)
    if (content.length === 0) continue
    if (!isOwn && last?.role === turn.role) last.content.push(...content)
    else messages.push({ ...turn.extras?.anthropic, role: turn.role, content })
  }
  const first = messages.find(({ role }) => role !== 'system')
  if (first?.role === 'assistant') {
    onLoss({ path: 'turns.0', reason: 'first-turn' })
    messages.unshift({ role: 'user', content: [{ type: 'text', text: OPENING }] })
  }
  encodePrefill(messages, !isOwn && !traits.takesPrefill, onLoss)
  const instructions = system.flatMap((turn, index) =>
    turn.parts.flatMap((part, at) => encodePart(part, 'system', `system.${index}.parts.${at}`, context)),
  )
  if (messages.length > 0 || isOwn) return { system: instructions, messages, lacksThinking: lacksThinking(messages) }
  // Anthropic answers a user only.
  if (instructions.length > 0)
    return { system: [], messages: [{ role: 'user', content: instructions }], lacksThinking: false }
  throw new Fault('invalid-request', 'turns: no message holds anything that can be sent; write at least one text')
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

function encodeTurn({ role, parts }: Turn, index: number, isOwn: boolean, context: BlockContext): Block[] {
  const content = parts.flatMap((part, at) => encodePart(part, role, `turns.${index}.parts.${at}`, context))
  if (role === 'user' && content.length === 0 && parts.some((part) => part.type === 'media')) {
    throw new Fault(
      'invalid-request',
      `turns.${index}: this model's API takes nothing of what the message holds: images (JPEG, PNG, GIF, WebP), PDF and text only`,
    )
  }
  return role === 'assistant' && !isOwn ? callsLast(content) : content
}

/** Anthropic wants calls answered at once: no words after them. Where thinking stands between them, the order is sealed. */
function callsLast(content: Block[]): Block[] {
  const firstCall = content.findIndex(isCall)
  if (firstCall < 0 || content.slice(firstCall).every(isCall) || content.some(isThinking)) return content
  return [...content.filter((block) => !isCall(block)), ...content.filter(isCall)]
}

function isCall({ type }: Block): boolean {
  return type === 'tool_use'
}

function isThinking({ type }: Block): boolean {
  return type === 'thinking' || type === 'redacted_thinking'
}

/** The beginning of an answer may not end in white space; some models take none at all. */
function encodePrefill(messages: Message[], isRefused: boolean, onLoss: OnLoss): void {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return
  const block = last.content.at(-1)
  if (block?.['type'] === 'text' && typeof block['text'] === 'string') block['text'] = block['text'].trimEnd()
  if (!isRefused || last.content.some(isCall)) return
  onLoss({ path: `turns.${messages.length - 1}`, reason: 'prefill' })
  messages.push({ role: 'user', content: [{ type: 'text', text: GO_ON }] })
}

function lacksThinking(messages: readonly Message[]): boolean {
  const asked = messages.findLastIndex(({ role }) => role === 'assistant')
  if (asked < 0 || !messages.slice(asked + 1).some(({ content }) => content.some(({ type }) => type === 'tool_result')))
    return false
  let first = asked
  while (messages[first - 1]?.role === 'assistant') first--
  const block = messages[first]?.content[0]
  return block !== undefined && !isThinking(block)
}
