import type { OnLoss } from '../../ir/codec.ts'
import type {
  CachePoint,
  MediaPart,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
} from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { isDeeperThan, parseObject, type Fields } from '../../lib/json.ts'
import type { ToolNames } from '../shared/tool-id.ts'
import { encodeMedia } from './media-out.ts'
import { INPUT_DEPTH_MAX } from '../shared/repair-json.ts'

/** A block (or tool) of our own making, whose cache point may yet be taken away. */
export type Block = Record<string, unknown>

/** What the blocks of one request have in common. */
export interface BlockContext {
  readonly names: ToolNames
  /** Ids of calls in Anthropic's alphabet. */
  readonly callId: (id: string) => string
  readonly onLoss: OnLoss
}

/** The blocks of one part; none when Anthropic has no form for it, which is told. */
export function encodePart(part: Part, role: Turn['role'], path: string, context: BlockContext): readonly Block[] {
  const { onLoss } = context
  switch (part.type) {
    case 'text':
      if (part.refusal === true) onLoss({ path, reason: 'refusal-as-text' })
      // Anthropic refuses blank texts.
      return part.text.trim() === '' ? [] : [encodeText(part.text, part)]
    case 'media':
      return encodeMediaPart(part, role, path, onLoss)
    case 'reasoning':
      return encodeReasoning(part, path, onLoss)
    case 'tool-call':
      return [encodeToolCall(part, path, context)]
    case 'tool-result':
      return [encodeToolResult(part, path, context)]
    case 'opaque':
      if (part.protocol === 'anthropic') return [{ ...part.value }]
      onLoss({ path, reason: 'foreign-opaque' })
      return []
  }
}

export function writeCache(cache: CachePoint | undefined): Fields | undefined {
  return cache && { type: 'ephemeral', ttl: cache.ttl }
}

function encodeText(text: string, { cache, extras }: Pick<Part, 'cache' | 'extras'>): Block {
  return { type: 'text', text, cache_control: writeCache(cache), ...extras?.anthropic }
}

function encodeMediaPart(part: MediaPart, role: Turn['role'], path: string, onLoss: OnLoss): readonly Block[] {
  const wire = role === 'user' ? encodeMedia(part) : { loss: 'assistant-media' }
  if ('loss' in wire) {
    onLoss({ path, reason: wire.loss })
    return []
  }
  const { source: _source, ...own } = part.extras?.anthropic ?? {}
  const title = wire.type === 'document' ? part.name : undefined
  return [{ type: wire.type, source: wire.source, title, cache_control: writeCache(part.cache), ...own }]
}

/** Thinking goes back only under its maker's own seal: Anthropic refuses it without, and other makers' with. */
function encodeReasoning({ text, seals = [], extras }: ReasoningPart, path: string, onLoss: OnLoss): readonly Block[] {
  const blocks: Block[] = []
  let hasText = false
  for (const { maker, kind, value } of seals) {
    if (maker !== 'anthropic' || value === '') continue
    if (kind === 'redacted') blocks.push({ type: 'redacted_thinking', data: value })
    else if (kind === 'signature') {
      blocks.push({ type: 'thinking', thinking: hasText ? '' : text, signature: value, ...extras?.anthropic })
      hasText = true
    }
  }
  if (blocks.length === 0 && (text !== '' || seals.length > 0)) onLoss({ path, reason: 'foreign-reasoning' })
  return blocks
}

function encodeToolCall(part: ToolCallPart, path: string, { names, callId, onLoss }: BlockContext): Block {
  const { id, name, namespace, cache, extras } = part
  return {
    type: 'tool_use',
    id: callId(id),
    name: names.wireName(name, namespace),
    input: encodeInput(part, () => onLoss({ path: `${path}.input`, reason: 'tool-input' })),
    cache_control: writeCache(cache),
    ...extras?.anthropic,
  }
}

function encodeInput({ kind, input }: ToolCallPart, lose: () => void): Fields {
  if (kind === 'custom') return { input }
  const value = input.trim() === '' ? {} : parseObject(input)
  if (value && !isDeeperThan(value, INPUT_DEPTH_MAX)) return value
  lose()
  return {}
}

function encodeToolResult(part: ToolResultPart, path: string, { callId, onLoss }: BlockContext): Block {
  const { callId: id, content, isError, cache, extras } = part
  return {
    type: 'tool_result',
    tool_use_id: callId(id),
    content: encodeResultContent(content, path, onLoss),
    is_error: isError,
    cache_control: writeCache(cache),
    ...extras?.anthropic,
  }
}

/** A single plain text stays a string, which unlike a block may be blank. */
function encodeResultContent(
  content: readonly ToolResultContent[],
  path: string,
  onLoss: OnLoss,
): string | readonly Block[] | undefined {
  const [first] = content
  if (!first) return undefined
  if (content.length === 1 && first.type === 'text' && !first.cache && !first.extras?.anthropic) return first.text
  const blocks = content.flatMap((part, index): readonly Block[] => {
    const at = `${path}.content.${index}`
    switch (part.type) {
      case 'text':
        return part.text.trim() === '' ? [] : [encodeText(part.text, part)]
      case 'media':
        return encodeMediaPart(part, 'user', at, onLoss)
      case 'opaque':
        if (part.protocol === 'anthropic') return [{ ...part.value }]
        onLoss({ path: at, reason: 'foreign-opaque' })
        return []
    }
  })
  return blocks.length === 0 ? undefined : blocks
}
