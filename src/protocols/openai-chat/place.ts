import type { Part, ToolCallPart } from '../../ir/part.ts'
import type { MessageReasoning } from './reasoning.ts'

/**
 * The parts of an assistant message in the order in which the model made them, where the seals of its thinking tell it:
 * this protocol itself keeps no order among thinking, text and calls. Undefined when they do not tell, or when the text
 * is not as it was.
 */
export function placeReasoning(
  { parts: reasoning, places }: Omit<MessageReasoning, 'textSeals'>,
  said: readonly Part[],
  calls: readonly ToolCallPart[],
): readonly Part[] | undefined {
  const [text, ...others] = said
  if (others.length > 0 || (text && text.type !== 'text') || !places.some((place) => place !== undefined))
    return undefined
  const ordered: Part[] = []
  /** What of the text and the calls is in order. */
  let chars = 0
  let called = 0
  const take = (charsTo: number, callsTo: number): boolean => {
    if (charsTo < chars || charsTo > (text?.text.length ?? 0) || callsTo < called || callsTo > calls.length)
      return false
    if (text && charsTo > chars) ordered.push({ ...text, text: text.text.slice(chars, charsTo) })
    ordered.push(...calls.slice(called, callsTo))
    chars = charsTo
    called = callsTo
    return true
  }
  for (const [at, part] of reasoning.entries()) {
    const { textChars, calls: before } = places[at] ?? { textChars: chars, calls: called }
    if (!take(textChars, before)) return undefined
    ordered.push(part)
  }
  return take(text?.text.length ?? 0, calls.length) ? ordered : undefined
}
