import type { Protocol } from '../../src/ir/protocol.ts'
import type { Fields } from '../../src/lib/json.ts'

/** Model that the tests' accounts serve. */
export const MODEL = 'some-model'

/** Where a protocol's clients ask for a whole answer; where the body says so, for a stream as well. */
export const PATHS: Readonly<Record<Protocol, string>> = {
  anthropic: '/v1/messages',
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  gemini: `/v1beta/models/${MODEL}:generateContent`,
}

/** What a test cares about: fields of the body, and what Gemini has in the path. */
export interface Wish extends Fields {
  readonly model?: unknown
  readonly stream?: unknown
}

/** Where to ask for it. */
export function pathFor(protocol: Protocol, { model = MODEL, stream }: Wish = {}): string {
  if (protocol !== 'gemini') return PATHS[protocol]
  const action = stream === true ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return `/v1beta/models/${String(model)}:${action}`
}

/** A small request of the protocol. */
export function ask(protocol: Protocol, own: Wish = {}): Fields {
  switch (protocol) {
    case 'anthropic':
      return { model: MODEL, max_tokens: 100, ...turns(protocol, 'Hi'), ...own }
    case 'openai-chat':
    case 'openai-responses':
      return { model: MODEL, ...turns(protocol, 'Hi'), ...own }
    case 'gemini': {
      const { model: _inPath, stream: _inPathToo, ...body } = own
      return { ...turns(protocol, 'Hi'), ...body }
    }
  }
}

/** What the user says, in the field where the protocol has it. */
export function turns(protocol: Protocol, text: string): Fields {
  switch (protocol) {
    case 'anthropic':
    case 'openai-chat':
      return { messages: [{ role: 'user', content: text }] }
    case 'openai-responses':
      return { input: [{ role: 'user', content: text }] }
    case 'gemini':
      return { contents: [{ role: 'user', parts: [{ text }] }] }
  }
}
