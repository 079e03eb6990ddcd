import type { JsonObject } from '../../../src/ir/json.ts'
import { isObject, readObject, readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import {
  createSecrets,
  eventOf,
  need,
  needUnique,
  pieces,
  type Answer,
  type Asked,
  type Saying,
  type StrictVendor,
} from './vendor.ts'

const ID = /^[a-zA-Z0-9_-]{1,256}$/
const NAME = /^[a-zA-Z0-9_-]{1,128}$/
const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image', 'document', 'tool_result'],
  assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use'],
}

/** Adjacent messages of one role, as the API combines them. */
interface Turn {
  readonly role: string
  readonly blocks: Fields[]
}

/** What one answer says, piece by piece, so that answers can be told apart. */
type Skeleton = readonly string[]

/**
 * Claude. Thinking comes back in its own words under its own signature, and in the last turn whole and in its place.
 *
 * @see https://docs.claude.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
 * @see https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use#handling-results-from-client-tools
 */
export function createStrictAnthropic(model: string): StrictVendor {
  const secret = createSecrets('anthropic')
  /** Every thinking block that was given away, by what makes it known, with the answer in which it stood. */
  const given = new Map<string, { readonly block: Fields; readonly skeleton: Skeleton }>()
  let ids = 0
  let thinks = false

  const checkThinking = (block: Fields, seen: Set<string>): void => {
    const known = given.get(secretOf(block))
    need(known !== undefined, `Invalid \`signature\` in thinking block: ${secretOf(block).slice(0, 60)}`)
    need(Bun.deepEquals(block, known.block), `thinking blocks cannot be modified: ${JSON.stringify(block)}`)
    seen.add(secretOf(block))
  }
  /** The thinking of the last turn stands there as it was given, whole and among the same words and calls, or not at all. */
  const checkLastTurn = (turn: Turn | undefined): void => {
    const skeleton = skeletonOf(turn?.blocks ?? [])
    for (const name of skeleton) {
      const whole = given.get(name)?.skeleton
      if (!whole) continue
      const at = skeleton.indexOf(whole[0] ?? '')
      need(
        Bun.deepEquals(skeleton.slice(at, at + whole.length), whole),
        `the thinking of the latest assistant message must remain as it was: ${whole.join()} but found ${skeleton.join()}`,
      )
    }
  }
  return {
    protocol: 'anthropic',
    model,
    check(body) {
      const { thinking, max_tokens } = body
      const turns = combine(readObjects(body['messages']))
      need(turns.length > 0 && turns[0]?.role === 'user', 'the first message must use the user role')
      need(turns.at(-1)?.role === 'user', 'this model does not support assistant message prefill')
      const seen = new Set<string>()
      for (const { role, blocks } of turns) {
        for (const block of blocks) checkBlock(block, role)
        for (const block of blocks.filter(isThinking)) checkThinking(block, seen)
      }
      checkCalls(turns)
      const last = turns.findLast(({ role }) => role === 'assistant')
      checkLastTurn(last)
      const { type, budget_tokens } = readObject(thinking) ?? {}
      thinks = type === 'enabled' || type === 'adaptive'
      if (type === 'enabled') {
        need(
          Number(budget_tokens) >= 1024 && Number(budget_tokens) < Number(max_tokens),
          'thinking.budget_tokens: Input should be from 1024 to max_tokens',
        )
        const isOpen = turns.at(-1)?.blocks.some((block) => block['type'] === 'tool_result') === true
        const [first] = last?.blocks ?? []
        need(!isOpen || (first !== undefined && isThinking(first)), 'Expected `thinking`, but found another block')
      }
      return { secrets: seen, tools: toolNames(body) }
    },
    answer(saying) {
      const thoughts = thinks ? saying.thoughts : 0
      const content = blocksFor({ ...saying, thoughts }, secret, () => `toolu_${++ids}`)
      const skeleton = skeletonOf(content)
      for (const block of content.filter(isThinking)) given.set(secretOf(block), { block, skeleton })
      return answerOf(model, content)
    },
  }
}

function combine(messages: readonly Fields[]): readonly Turn[] {
  const turns: Turn[] = []
  for (const { role, content } of messages) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : readObjects(content)
    need(blocks.length > 0, 'all messages must have non-empty content')
    const last = turns.at(-1)
    if (last && last.role === role) last.blocks.push(...blocks)
    else turns.push({ role: String(role), blocks: [...blocks] })
  }
  return turns
}

function checkBlock(block: Fields, role: string): void {
  const { type, text, id, name, input, content } = block
  need(PARTS[role]?.includes(String(type)) === true, `a block of type ${String(type)} from ${role}`)
  if (type === 'text') need(readString(text)?.trim() !== '', 'text content blocks must contain non-whitespace text')
  if (type === 'tool_use') {
    need(ID.test(String(id)), `tool_use.id: ${String(id)}`)
    need(NAME.test(String(name)), `tool_use.name: ${String(name)}`)
    need(isObject(input), 'tool_use.input: Input should be a valid dictionary')
  }
  if (type === 'tool_result') for (const inner of readObjects(content)) checkBlock(inner, 'user')
}

/** Every call is answered at the beginning of the next turn, and only calls are. */
function checkCalls(turns: readonly Turn[]): void {
  const ids = (turn: Turn | undefined, type: string, key: string): readonly string[] =>
    (turn?.blocks ?? []).filter((block) => block['type'] === type).map((block) => String(block[key]))
  needUnique(
    turns.flatMap((turn) => ids(turn, 'tool_use', 'id')),
    'tool_use id',
  )
  for (const [index, turn] of turns.entries()) {
    const results = ids(turn, 'tool_result', 'tool_use_id')
    const calls = ids(turns[index - 1], 'tool_use', 'id')
    needUnique(results, 'tool_result for')
    need(
      calls.every((id) => results.includes(id)),
      '`tool_use` ids were found without `tool_result` blocks immediately after',
    )
    need(
      results.every((id) => calls.includes(id)),
      'unexpected `tool_use_id` found in `tool_result` blocks',
    )
    const first = turn.blocks.slice(0, results.length)
    need(
      first.every((block) => block['type'] === 'tool_result'),
      'tool_result blocks must come first',
    )
  }
}

function isThinking({ type }: Fields): boolean {
  return type === 'thinking' || type === 'redacted_thinking'
}

function secretOf({ signature, data }: Fields): string {
  return readString(signature) ?? readString(data) ?? ''
}

function skeletonOf(blocks: readonly Fields[]): Skeleton {
  return blocks.map((block) => (isThinking(block) ? secretOf(block) : JSON.stringify(block['input'] ?? block['text'])))
}

function toolNames(body: JsonObject): Asked['tools'] {
  const names = readObjects(body['tools']).map(({ name }) => String(name))
  for (const name of names) need(NAME.test(name), `tools.name: ${name}`)
  needUnique(names, 'tool name')
  return names
}

/** Thinking before the text, and where there is more of it between the text and the calls. */
function blocksFor(
  { thoughts, isHidden, text, calls }: Saying,
  secret: () => string,
  id: () => string,
): readonly Fields[] {
  const thought = (index: number): Fields =>
    isHidden && index === 0
      ? { type: 'redacted_thinking', data: secret() }
      : { type: 'thinking', thinking: isHidden ? '' : `Claude thinks ${index}.`, signature: secret() }
  return [
    ...(thoughts > 0 ? [thought(0)] : []),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...Array.from({ length: Math.max(0, thoughts - 1) }, (_, index) => thought(index + 1)),
    ...calls.map(({ name, input }) => ({ type: 'tool_use', id: id(), name, input: JSON.parse(input) })),
  ]
}

function answerOf(model: string, content: readonly Fields[]): Answer {
  const stop_reason = content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn'
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null }
  const usage = { input_tokens: 10, output_tokens: 5 }
  return {
    secrets: content.filter(isThinking).map(secretOf),
    body: { ...head, content, stop_reason, usage },
    frames: [
      eventOf('message_start', { message: { ...head, content: [], stop_reason: null, usage } }),
      ...content.flatMap((block, index) => [
        eventOf('content_block_start', { index, content_block: emptied(block) }),
        ...deltasOf(block).map((delta) => eventOf('content_block_delta', { index, delta })),
        eventOf('content_block_stop', { index }),
      ]),
      eventOf('message_delta', { delta: { stop_reason, stop_sequence: null }, usage }),
      eventOf('message_stop', {}),
    ],
  }
}

function emptied(block: Fields): Fields {
  switch (block['type']) {
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'text':
      return { type: 'text', text: '' }
    case 'tool_use':
      return { ...block, input: {} }
    default:
      return block
  }
}

function deltasOf({ type, thinking, signature, text, input }: Fields): readonly Fields[] {
  switch (type) {
    case 'thinking':
      return [
        ...pieces(String(thinking)).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature },
      ]
    case 'text':
      return pieces(String(text)).map((piece) => ({ type: 'text_delta', text: piece }))
    case 'tool_use':
      return pieces(JSON.stringify(input)).map((piece) => ({ type: 'input_json_delta', partial_json: piece }))
    default:
      return []
  }
}
