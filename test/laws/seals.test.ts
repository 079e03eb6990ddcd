import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { PROTOCOLS, type Protocol } from '../../src/ir/protocol.ts'
import { ANTHROPIC_STYLES, createAnthropicClient } from './clients/anthropic.ts'
import type { Client } from './clients/client.ts'
import { createGeminiClient, GEMINI_STYLES } from './clients/gemini.ts'
import { CHAT_STYLES, createChatClient } from './clients/openai-chat.ts'
import { createResponsesClient, RESPONSES_STYLES } from './clients/openai-responses.ts'
import { converse, stepsOver } from './conversation.ts'
import { createStrictAnthropic } from './strict/anthropic.ts'
import { createStrictGemini } from './strict/gemini.ts'
import { CHAT_DIALECTS, createStrictChat, type ChatKind } from './strict/openai-chat.ts'
import { createStrictResponses } from './strict/openai-responses.ts'
import type { StrictVendor } from './strict/vendor.ts'

/** Every way in which clients of a protocol keep their history, by name. */
const STYLES: Readonly<Record<Protocol, ReadonlyMap<string, () => Client>>> = {
  anthropic: new Map(ANTHROPIC_STYLES.map((style) => [style, () => createAnthropicClient(style)])),
  'openai-chat': new Map(CHAT_STYLES.map((style) => [style, () => createChatClient(style)])),
  'openai-responses': new Map(RESPONSES_STYLES.map((style) => [style, () => createResponsesClient(style)])),
  gemini: new Map(GEMINI_STYLES.map((style) => [style, () => createGeminiClient(style)])),
}

type Vendors = Readonly<Record<Protocol, StrictVendor>>

/** What kind of vendor stands behind each protocol in one conversation. */
interface Kinds extends Pick<ChatKind, 'dialect' | 'hasPoorIds'> {
  readonly claude: string
  readonly hasGeminiIds: boolean
}

const KINDS: fc.Arbitrary<Kinds> = fc.record({
  claude: fc.constantFrom('claude-sonnet-4-5', 'claude-opus-4-7'),
  dialect: fc.constantFrom(...CHAT_DIALECTS),
  hasPoorIds: fc.boolean(),
  hasGeminiIds: fc.boolean(),
})

const RUNS_PAIR = 60
const RUNS_MIXED = 150
const TIMEOUT_MS = 60_000

describe.each(PROTOCOLS.flatMap((protocol) => [...STYLES[protocol].keys()].map((style) => ({ protocol, style }))))(
  'a client of $protocol, $style',
  ({ protocol, style }) => {
    const law = (upstreams: readonly Protocol[], numRuns: number): void => {
      const property = fc.property(stepsOver(upstreams), KINDS, (steps, kinds) => {
        const client = STYLES[protocol].get(style)?.()
        if (client) converse(client, vendorsOf(kinds, style === 'reasoning'), steps)
      })
      fc.assert(property, { numRuns, seed: 1, includeErrorInReport: true })
      expect(STYLES[protocol].has(style)).toBe(true)
    }

    test.each(PROTOCOLS)(
      'is never refused over %s, whose secrets come back',
      (upstream) => law([upstream], RUNS_PAIR),
      TIMEOUT_MS,
    )

    test('is never refused, whichever upstream answers which step', () => law(PROTOCOLS, RUNS_MIXED), TIMEOUT_MS)
  },
)

function vendorsOf({ claude, dialect, hasPoorIds, hasGeminiIds }: Kinds, ignoresWords: boolean): Vendors {
  return {
    anthropic: createStrictAnthropic(claude),
    'openai-chat': createStrictChat('some-model', { dialect, hasPoorIds, ignoresWords }),
    'openai-responses': createStrictResponses('gpt-5'),
    gemini: createStrictGemini('gemini-3-pro', hasGeminiIds),
  }
}
