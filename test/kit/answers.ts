import { PROTOCOLS, type Protocol } from '../../src/ir/protocol.ts'
import { isObject, type Fields } from '../../src/lib/json.ts'
import { anthropicVendor } from './say-anthropic.ts'
import { chatVendor } from './say-chat.ts'
import { geminiVendor } from './say-gemini.ts'
import { responsesVendor } from './say-responses.ts'
import type { Saying, Vendor } from './saying.ts'
import type { Script, UpstreamCall } from './upstream.ts'

/** The protocols that are served. */
export const SERVED = PROTOCOLS

/** Every client with every vendor. */
export const PAIRS = SERVED.flatMap((client) => SERVED.map((vendor) => [client, vendor] as const))

const VENDORS: Readonly<Record<Protocol, Vendor>> = {
  anthropic: anthropicVendor,
  'openai-chat': chatVendor,
  'openai-responses': responsesVendor,
  gemini: geminiVendor,
}

export const HELLO: Saying = { text: 'Hello there, friend.' }

/** Answers like a vendor of the protocol: as a stream when the request asks for one. */
export function say(protocol: Protocol, saying: Saying = HELLO): Script {
  return async (call) => {
    if (!asksForStream(call)) {
      call.json(wholeOf(protocol, saying))
      return
    }
    call.open()
    for (const text of streamOf(protocol, saying, call)) await call.write(text)
    call.end()
  }
}

function asksForStream({ body, path }: UpstreamCall): boolean {
  return body['stream'] === true || path.endsWith(':streamGenerateContent?alt=sse')
}

/** A whole answer. */
export function wholeOf(protocol: Protocol, saying: Saying = HELLO): Fields {
  return VENDORS[protocol].whole(saying)
}

/** The events of a whole stream, each with its blank line. */
export function streamOf(protocol: Protocol, saying: Saying = HELLO, call?: UpstreamCall): readonly string[] {
  const { stream_options: options } = call?.body ?? {}
  return [...VENDORS[protocol].stream(saying, isObject(options) && 'include_usage' in options)]
}

/** The first events of a stream, up to where it begins to speak. */
export function beginningOf(protocol: Protocol, saying: Saying = HELLO): readonly string[] {
  const events = streamOf(protocol, saying)
  return events.slice(0, events.findIndex((event) => event.includes('Hello')) + 1)
}

/** What only a stream that is whole has. */
export const SUCCESS: Readonly<Record<Protocol, RegExp>> = {
  anthropic: /message_stop|"stop_reason":"/,
  'openai-chat': /\[DONE\]|"finish_reason":"/,
  'openai-responses': /response\.(?:completed|incomplete)/,
  gemini: /"finishReason":"/,
}

/** A vendor's error body; `type` is a word of Anthropic's. */
export function errorOf(protocol: Protocol, type: string, message: string): Fields {
  return VENDORS[protocol].error(type, message)
}

/** The event that tells an error in the middle of a stream. */
export function errorEvent(protocol: Protocol, type: string, message: string): string {
  return VENDORS[protocol].errorEvent(type, message)
}
