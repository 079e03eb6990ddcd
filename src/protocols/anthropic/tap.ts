import type { Frame, Tap } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseObject, readObject, readText, type Fields } from '../../lib/json.ts'
import { brokenAnswer, decodeStreamFault, SECOND_ANSWER } from './fault.ts'
import { decodeUsage, laterUsage } from './usage.ts'

/** Reads along a relayed answer; of a stream only the events that do not bring a piece of a block are parsed. */
export function createAnthropicTap(): Tap {
  let hasContent = false
  let isStarted = false
  let isOver = false
  let raw: Fields | undefined
  let usage: Usage | undefined
  let fault: Fault | undefined
  const count = (more: Fields | undefined): void => {
    raw = laterUsage(raw, more)
    usage = decodeUsage(raw)
  }
  const readEvent = (event: Fields): void => {
    const { type, message, usage: counted } = event
    switch (type) {
      case 'message_start':
        if (isStarted) fault ??= brokenAnswer(SECOND_ANSWER)
        isStarted = true
        count(readObject(readObject(message)?.['usage']))
        break
      case 'message_delta':
        count(readObject(counted))
        break
      case 'message_stop':
        isOver = true
        break
      case 'error':
        fault ??= decodeStreamFault(event)
    }
  }
  return {
    pushFrame({ data }: Frame) {
      if (isOver) return
      if (isTelling(data)) {
        const event = parseObject(data)
        if (event) readEvent(event)
        else if (data.trim() !== '')
          fault ??= new Fault('upstream', 'The upstream sent an event that is no JSON object.')
      }
      if (!fault && !isOver && !data.includes('"ping"')) hasContent = true
    },
    pushBody(body: JsonObject) {
      if (body['type'] === 'error' || readObject(body['error'])) fault ??= decodeStreamFault(body)
      else {
        count(readObject(body['usage']))
        isOver = true
        hasContent = readText(body['type']) !== undefined || Array.isArray(body['content'])
      }
    },
    seen: {
      get hasContent() {
        return hasContent
      },
      get isOver() {
        return isOver
      },
      get isComplete() {
        return isOver
      },
      get usage() {
        return usage
      },
      get fault() {
        return fault
      },
    },
  }
}

/** Pieces of a block are the bulk of every stream, and tell nothing that concerns the proxy. */
function isTelling(data: string): boolean {
  return !data.includes('"content_block_delta"')
}
