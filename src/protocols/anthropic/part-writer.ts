import type { AnswerContext, Frame } from '../../ir/codec.ts'
import type { PartEndEvent, PartHead } from '../../ir/response.ts'
import { readArray, type Fields } from '../../lib/json.ts'
import { callName, createCallIds, reasoningBlocks, sealBlocks } from './answer-out.ts'
import { createBlockWriter, type BlockWriter } from './block-writer.ts'

/** Writes the parts of one streamed answer as blocks. */
export interface PartWriter {
  start(head: PartHead, index: number): readonly Frame[]
  add(delta: string): readonly Frame[]
  end(event: PartEndEvent): readonly Frame[]
  /** A call was written that the client has to run. */
  hasCall(): boolean
}

export function createPartWriter({ newId, onLoss }: AnswerContext): PartWriter {
  const blocks = createBlockWriter()
  const callId = createCallIds(newId)
  let part: PartHead | undefined
  /** Something of the open part was said. */
  let isSaid = false
  let hasCall = false
  return {
    start(head, index) {
      part = head
      isSaid = false
      switch (head.type) {
        case 'tool-call': {
          hasCall = true
          const block = {
            type: 'tool_use',
            id: callId(head.id),
            name: callName(head.name),
            input: {},
            ...head.extras?.anthropic,
          }
          return [blocks.begin(block, 'input_json_delta', 'partial_json')]
        }
        case 'opaque':
          if (head.protocol === 'anthropic') return blocks.whole([head.value])
          onLoss({ path: `parts.${index}`, reason: 'foreign-opaque' })
          return []
        case 'media':
          onLoss({ path: `parts.${index}`, reason: 'answer-media' })
          return []
        // These begin with their first words: an empty block would come back to a vendor that refuses it.
        case 'text':
          if (head.refusal === true) onLoss({ path: `parts.${index}`, reason: 'refusal-as-text' })
          return []
        case 'reasoning':
          return []
      }
    },
    add(delta) {
      if (!part || delta === '') return []
      const isFirst = !isSaid
      isSaid = true
      if (part.type === 'tool-call') return [blocks.text(part.kind === 'custom' ? customInput(delta, isFirst) : delta)]
      return isFirst ? [beginBlock(part, blocks), blocks.text(delta)] : [blocks.text(delta)]
    },
    end(event) {
      if (!part) return []
      const frames = endFrames(part, event, isSaid, blocks)
      part = undefined
      return frames
    },
    hasCall: () => hasCall,
  }
}

function beginBlock({ type, extras }: PartHead, blocks: BlockWriter): Frame {
  if (type === 'reasoning')
    return blocks.begin({ type: 'thinking', thinking: '', signature: '' }, 'thinking_delta', 'thinking')
  const { citations: _citations, ...own } = extras?.anthropic ?? {}
  return blocks.begin({ type: 'text', text: '', ...own }, 'text_delta', 'text')
}

/** Free text as the one string of a function's input, piece by piece. */
function customInput(text: string, isFirst: boolean): string {
  const inside = JSON.stringify(text).slice(1, -1)
  return isFirst ? `{"input":"${inside}` : inside
}

function endFrames(
  part: PartHead,
  { seals, extras }: PartEndEvent,
  isSaid: boolean,
  blocks: BlockWriter,
): readonly Frame[] {
  const sealed = (): readonly Frame[] => blocks.whole(sealBlocks(seals))
  switch (part.type) {
    case 'opaque':
      return []
    case 'media':
      return blocks.whole(sealBlocks(seals ?? part.seals))
    case 'tool-call': {
      const rest = part.kind === 'custom' ? (isSaid ? '"}' : '{"input":""}') : isSaid ? undefined : '{}'
      return [...(rest === undefined ? [] : [blocks.text(rest)]), blocks.end(), ...sealed()]
    }
    case 'text': {
      if (!isSaid) return sealed()
      const { citations } = extras?.anthropic ?? part.extras?.anthropic ?? {}
      const cited = readArray(citations).map((citation) => blocks.delta({ type: 'citations_delta', citation }))
      return [...cited, blocks.end(), ...sealed()]
    }
    case 'reasoning':
      return isSaid ? endThinking(blocks, reasoningBlocks(SAID, seals)) : blocks.whole(reasoningBlocks('', seals))
  }
}

/** The words of a thought went out as they came: any text stands for them when its seals are written. */
const SAID = '…'

function endThinking(blocks: BlockWriter, [first, ...others]: readonly Fields[]): readonly Frame[] {
  return [
    blocks.delta({ type: 'signature_delta', signature: first?.['signature'] ?? '' }),
    blocks.end(),
    ...blocks.whole(others),
  ]
}
