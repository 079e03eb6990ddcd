import type { Codec, Stage } from '../../ir/codec.ts'
import type { ModelRequest } from '../../ir/request.ts'
import type { AnswerPart, ModelEvent, PartHead } from '../../ir/response.ts'
import { parseObject } from '../../lib/json.ts'
import { pipe } from '../../lib/stage.ts'
import { TOOL_NAME_RULES, toolNamesFor, type ToolNames } from './tool-id.ts'

/**
 * An upstream's codec whose answers to this request call tools by the names that the client gave them: what the
 * encoder of the request did to names, namespaces and free-text tools is undone. The codec itself when that is nothing.
 */
export function withToolNames(codec: Codec, request: Pick<ModelRequest, 'tools' | 'turns'>): Codec {
  if (request.tools.length === 0) return codec
  const names = toolNamesFor(request, TOOL_NAME_RULES[codec.protocol])
  if (
    request.tools.every(({ kind, name, namespace }) => kind === 'function' && names.wireName(name, namespace) === name)
  ) {
    return codec
  }
  return {
    ...codec,
    decodeResponse(body) {
      const response = codec.decodeResponse(body)
      return { ...response, parts: response.parts.map((part) => restorePart(part, names)) }
    },
    streamDecoder: () => pipe(codec.streamDecoder(), createRestorer(names)),
  }
}

type CallHead = Extract<PartHead, { type: 'tool-call' }>

/** The call as the client knows its tool; `isWrapped`: its input is free text inside a function's JSON. */
function restoreHead<Head extends CallHead>(head: Head, names: ToolNames): { head: Head; isWrapped: boolean } {
  const tool = head.namespace === undefined ? names.toolOf(head.name) : undefined
  if (!tool) return { head, isWrapped: false }
  return { head: { ...head, ...tool }, isWrapped: tool.kind === 'custom' && head.kind === 'function' }
}

function restorePart(part: AnswerPart, names: ToolNames): AnswerPart {
  if (part.type !== 'tool-call') return part
  const { head, isWrapped } = restoreHead(part, names)
  return isWrapped ? { ...head, input: unwrapInput(head.input) } : head
}

function createRestorer(names: ToolNames): Stage<ModelEvent, ModelEvent> {
  /** What was said of a wrapped input so far; undefined while none is open. */
  let wrapped: string | undefined
  return {
    push(event) {
      if (event.type === 'part-start' && event.part.type === 'tool-call') {
        const { head, isWrapped } = restoreHead(event.part, names)
        wrapped = isWrapped ? '' : undefined
        return [{ ...event, part: head }]
      }
      if (wrapped === undefined) return [event]
      if (event.type === 'part-delta') {
        wrapped += event.delta
        return []
      }
      const delta = event.type === 'part-end' ? unwrapInput(wrapped) : ''
      wrapped = undefined
      return event.type === 'part-end' && delta !== ''
        ? [{ type: 'part-delta', index: event.index, delta }, event]
        : [event]
    },
    end: () => [],
  }
}

/** The free text of `{"input": "…"}`; a model that left the wrapping out gave the text itself. */
function unwrapInput(input: string): string {
  const { input: text } = parseObject(input) ?? {}
  return typeof text === 'string' ? text : input
}
