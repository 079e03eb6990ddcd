import type { Protocol } from '../../src/ir/protocol.ts'
import { readObject, readString } from '../../src/lib/json.ts'
import { eventsOf } from './sse.ts'

/** The names that the event which tells a client of the protocol an error may have. */
export const FAULT_EVENTS: Readonly<Record<Protocol, readonly (string | undefined)[]>> = {
  anthropic: ['error'],
  'openai-chat': [undefined],
  // The first is ours, the second what an upstream says itself.
  'openai-responses': ['response.failed', 'error'],
  gemini: [undefined],
}

/** The text that the events of a client's stream say. */
export function wordsIn(protocol: Protocol, text: string): string {
  return eventsOf(text)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => deltaOf(protocol, data))
    .join('')
}

function deltaOf(protocol: Protocol, data: string): string {
  const event = JSON.parse(data)
  switch (protocol) {
    case 'anthropic':
      return event.delta?.text ?? ''
    case 'openai-chat':
      return event.choices?.[0]?.delta?.content ?? ''
    case 'openai-responses':
      return event.type === 'response.output_text.delta' ? event.delta : ''
    case 'gemini':
      return event.candidates?.[0]?.content?.parts?.map((part: { text?: string }) => part.text ?? '').join('') ?? ''
  }
}

/** The text of a whole answer. */
export function textIn(protocol: Protocol, text: string): string {
  const body = JSON.parse(text)
  switch (protocol) {
    case 'anthropic':
      return body.content[0].text
    case 'openai-chat':
      return body.choices[0].message.content
    case 'openai-responses':
      return body.output[0].content[0].text
    case 'gemini':
      return body.candidates[0].content.parts[0].text
  }
}

/** The message of an error, in an event or a body of any protocol. */
export function faultIn(json: string): string | undefined {
  const { error, message, response } = readObject(JSON.parse(json)) ?? {}
  const { error: failed } = readObject(response) ?? {}
  return readString(readObject(error ?? failed)?.['message']) ?? readString(message)
}
