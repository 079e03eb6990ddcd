import type { Frame } from '../../ir/codec.ts'
import type { Fields } from '../../lib/json.ts'

/** Writes the events of one answer's blocks, one block after the other. */
export interface BlockWriter {
  /** A block begins, whose text (in the delta's named field) follows. */
  begin(block: Fields, deltaType: string, field: string): Frame
  /** More of the open block's text. */
  text(more: string): Frame
  /** Another delta of the open block. */
  delta(fields: Fields): Frame
  end(): Frame
  /** All events of blocks that are known whole. */
  whole(blocks: readonly Fields[]): readonly Frame[]
}

export function createBlockWriter(): BlockWriter {
  /** Index of the block that is open or comes next. */
  let index = 0
  /** What stands before a text in its delta. */
  let prefix = ''
  const end = (): Frame => ({ event: 'content_block_stop', data: `{"type":"content_block_stop","index":${index++}}` })
  const delta = (fields: Fields): Frame => frameOf('content_block_delta', { index, delta: fields })
  const start = (block: Fields): Frame => frameOf('content_block_start', { index, content_block: block })
  return {
    begin(block, deltaType, field) {
      prefix = `{"type":"content_block_delta","index":${index},"delta":{"type":"${deltaType}","${field}":`
      return start(block)
    },
    text: (more) => ({ event: 'content_block_delta', data: `${prefix}${JSON.stringify(more)}}}` }),
    delta,
    end,
    whole: (blocks) =>
      blocks.flatMap((block) => {
        const [begun, ...deltas] = unfold(block)
        return [start(begun), ...deltas.map(delta), end()]
      }),
  }
}

/** One server-sent event; its name is also the type of its data. */
export function frameOf(event: string, fields: Fields): Frame {
  return { event, data: JSON.stringify({ type: event, ...fields }) }
}

/** How a whole block is streamed: as it begins, then the deltas that bring the rest. */
function unfold(block: Fields): readonly [Fields, ...Fields[]] {
  switch (block['type']) {
    case 'thinking':
      return [
        { ...block, signature: '' },
        { type: 'signature_delta', signature: block['signature'] },
      ]
    case 'server_tool_use':
    case 'mcp_tool_use':
      return [
        { ...block, input: {} },
        { type: 'input_json_delta', partial_json: JSON.stringify(block['input'] ?? {}) },
      ]
    case 'compaction':
      return [
        { ...block, content: null },
        { type: 'compaction_delta', content: block['content'] },
      ]
    default:
      return [block]
  }
}
