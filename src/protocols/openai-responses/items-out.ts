import type { AnswerContext } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { AnswerPart } from '../../ir/response.ts'
import { type Fields, readText } from '../../lib/json.ts'
import type { Ending } from './finish.ts'
import {
  callItem,
  callPrefix,
  contentOf,
  createCallIds,
  imageItem,
  isSameMessage,
  type ItemStatus,
  messageItem,
  messageOf,
  reasoningItem,
  twinOf,
  wholeInput,
} from './item-out.ts'
import { ownReasoningItem, writePartSeals } from './reasoning.ts'

/** An item that is complete but for its status. */
type MakeItem = (status: ItemStatus) => JsonObject

/** The message that goes on as long as texts follow. */
interface OpenMessage {
  /** The vendor's fields of it, as they were told last. */
  shell: Fields | undefined
  readonly content: JsonObject[]
}

/** The items of a whole answer. Texts that stood in one message, or in none of this protocol, make one message. */
export function encodeItems(
  parts: readonly AnswerPart[],
  ending: Ending,
  context: AnswerContext,
): readonly JsonObject[] {
  const callId = createCallIds(context.newId)
  const items: MakeItem[] = []
  let message: OpenMessage | undefined
  const add = (item: MakeItem | undefined): void => {
    if (!item) return
    items.push(item)
    message = undefined
  }
  for (const [index, part] of parts.entries()) {
    const content = contentFor(part)
    const shell = messageOf(part.extras)
    if (content) {
      if (!message || !isSameMessage(message.shell, shell)) {
        const opened: OpenMessage = { shell, content: [] }
        add(messageMaker(opened, readText(shell?.['id']) ?? context.newId('msg_')))
        message = opened
      }
      message.shell = shell
      message.content.push(content)
    } else {
      const item = itemMaker(part, `parts.${index}`, callId, context)
      // Nothing keeps the place of what is left out: its seals would come back as those of the part before it.
      if (!item && part.type !== 'text') continue
      add(item)
    }
    const { seals = [] } = part
    if (part.type === 'reasoning' || seals.length === 0) continue
    const item = writePartSeals(seals, context.newId('rs_'))
    add(() => item)
  }
  const last = ending.status === 'incomplete' ? 'incomplete' : 'completed'
  return items.map((item, at) => item(at === items.length - 1 ? last : 'completed'))
}

/** What a part is inside a message; undefined for one that makes an item of its own, or none. */
function contentFor(part: AnswerPart): JsonObject | undefined {
  if (part.type === 'opaque')
    return part.protocol === 'openai-responses' && messageOf(part.extras) ? part.value : undefined
  if (part.type !== 'text' || part.text === '') return undefined
  const { fields, field } = contentOf(part)
  return { ...fields, [field]: part.text }
}

function messageMaker(message: OpenMessage, id: string): MakeItem {
  return (status) => ({ ...messageItem(message.shell, id, status), content: message.content })
}

/** The item that a part makes; undefined for one that makes none. */
function itemMaker(
  part: AnswerPart,
  path: string,
  callId: (id: string) => string,
  { newId, onLoss }: AnswerContext,
): MakeItem | undefined {
  switch (part.type) {
    case 'text':
      return undefined
    case 'reasoning': {
      const item = ownReasoningItem(part) ?? reasoningItem(part, newId)
      return item && (() => item)
    }
    case 'tool-call': {
      const ids = { id: readText(twinOf(part.extras)?.['id']) ?? newId(callPrefix(part)), callId: callId(part.id) }
      return (status) => {
        const { item, field } = callItem(part, ids, status)
        return { ...item, [field]: wholeInput(part.kind, part.input) }
      }
    }
    case 'media': {
      const item = imageItem(part, newId)
      if (!item) onLoss({ path, reason: 'answer-media' })
      return item && (() => item)
    }
    case 'opaque':
      if (part.protocol === 'openai-responses') return () => part.value
      onLoss({ path, reason: 'foreign-part' })
      return undefined
  }
}
