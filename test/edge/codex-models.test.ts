import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readObjects } from '../../src/lib/json.ts'
import { accountAt, CLIENT_KEY, startProxy, type TestProxy } from '../kit/proxy.ts'

const KEY = { authorization: `Bearer ${CLIENT_KEY}` }
const NOWHERE = 'http://127.0.0.1:9'
const MODELS = [
  { name: 'up', alias: 'claude-opus-5', displayName: 'Claude Opus 5', contextTokens: 1_000_000 },
  { name: 'up', alias: 'gpt-4o' },
]

/** What Codex cannot do without. @see https://github.com/openai/codex/blob/main/codex-rs/protocol/src/openai_models.rs */
const REQUIRED: Readonly<Record<string, string>> = {
  slug: 'string',
  display_name: 'string',
  supported_reasoning_levels: 'object',
  shell_type: 'string',
  visibility: 'string',
  supported_in_api: 'boolean',
  priority: 'number',
  base_instructions: 'string',
  supports_reasoning_summaries: 'boolean',
  support_verbosity: 'boolean',
  truncation_policy: 'object',
  supports_parallel_tool_calls: 'boolean',
  context_window: 'number',
  experimental_supported_tools: 'object',
}

let proxy: TestProxy

beforeEach(() => {
  proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(NOWHERE, 'anthropic', { models: MODELS })] })
})

afterEach(() => proxy.stop())

describe('Codex’s list of models', () => {
  test.each(['/v1/models?client_version=0.169.0', '/openai/v1/models?client_version=1', '/backend-api/codex/models'])(
    '%s has all that Codex insists on',
    async (path) => {
      const { status, body } = await proxy.get(path, KEY)
      expect(status).toBe(200)
      const models = readObjects(body['models'])
      expect(models.map(({ slug }) => slug)).toEqual(['claude-opus-5', 'gpt-4o'])
      for (const model of models)
        for (const [name, type] of Object.entries(REQUIRED))
          expect<unknown[]>([name, typeof model[name]]).toEqual([name, type])
    },
  )

  test('tells what is known of each model', async () => {
    const { body } = await proxy.get('/backend-api/codex/models', KEY)
    const [opus, gpt] = readObjects(body['models'])
    expect(opus).toMatchObject({
      display_name: 'Claude Opus 5',
      context_window: 1_000_000,
      default_reasoning_level: 'medium',
      supports_reasoning_summaries: true,
    })
    expect(readObjects(opus?.['supported_reasoning_levels']).map(({ effort }) => effort)).toEqual([
      'low',
      'medium',
      'high',
    ])
    expect(gpt).toMatchObject({
      display_name: 'gpt-4o',
      supported_reasoning_levels: [],
      supports_reasoning_summaries: false,
    })
    expect(gpt?.['default_reasoning_level']).toBeUndefined()
  })

  test('is for those who show a key', async () => {
    expect((await proxy.get('/backend-api/codex/models')).status).toBe(401)
    expect((await proxy.get('/v1/models?client_version=1')).status).toBe(401)
  })

  test('is no other client’s', async () => {
    expect((await proxy.get('/v1/models', KEY)).body).toMatchObject({ object: 'list' })
  })
})
