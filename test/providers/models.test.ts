import { describe, expect, test } from 'bun:test'
import { catalogueFor, contextTokensFor, outputTokensFor } from '../../src/providers/catalogue.ts'
import { providerFor } from '../../src/providers/index.ts'

const claude = providerFor({ provider: 'claude' })
const chat = providerFor({ provider: 'openai-compatibility' })
const gemini = providerFor({ provider: 'gemini' })
const codex = providerFor({ provider: 'codex' })

describe('Lists of models', () => {
  test('of Anthropic', () => {
    const body = {
      data: [
        { type: 'model', id: 'claude-x', display_name: 'Claude X', created_at: '2026-01-02T00:00:00Z' },
        { id: 7 },
      ],
      has_more: false,
    }
    expect(claude.readModels?.(body)).toEqual([{ name: 'claude-x', displayName: 'Claude X', createdAt: 1_767_312_000 }])
  })

  test.each<readonly [string, unknown, object]>([
    [
      'OpenAI',
      { object: 'list', data: [{ id: 'x', object: 'model', created: 1_700_000_000, owned_by: 'o' }] },
      { createdAt: 1_700_000_000 },
    ],
    [
      'Together',
      [{ id: 'x', display_name: 'X', context_length: 4096, created: 0 }],
      { displayName: 'X', contextTokens: 4096 },
    ],
    [
      'Groq',
      { data: [{ id: 'x', context_window: 131_072, max_completion_tokens: 8192 }] },
      { contextTokens: 131_072, outputTokens: 8192 },
    ],
    ['vLLM', { data: [{ id: 'x', max_model_len: 2048 }] }, { contextTokens: 2048 }],
    [
      'OpenRouter',
      {
        data: [
          {
            id: 'x',
            name: 'Vendor: X',
            context_length: 1000,
            top_provider: { context_length: 900, max_completion_tokens: 100 },
          },
        ],
      },
      { displayName: 'Vendor: X', contextTokens: 1000, outputTokens: 100 },
    ],
    [
      'OpenRouter without a limit',
      { data: [{ id: 'x', context_length: null, top_provider: { context_length: 900, max_completion_tokens: null } }] },
      { contextTokens: 900 },
    ],
    ['Mistral', { data: [{ id: 'x', name: 'x', max_context_length: 32_768 }] }, { contextTokens: 32_768 }],
    [
      'llama.cpp',
      { models: [{ name: 'y' }], data: [{ id: 'x', meta: { n_ctx_train: 40_960 } }] },
      { contextTokens: 40_960 },
    ],
    ['numbers as text', { data: [{ id: 'x', context_length: '8192' }] }, { contextTokens: 8192 }],
    ['bare names', { models: ['x'] }, {}],
  ])('of %s', (_vendor, body, expected) => {
    expect(chat.readModels?.(body)).toEqual([{ name: 'x', ...expected }])
  })

  test('of Gemini, those that generate', () => {
    const models = [
      {
        name: 'models/gemini-x',
        displayName: 'Gemini X',
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
      },
      { name: 'models/embedding-x', supportedGenerationMethods: ['embedContent'] },
    ]
    expect(gemini.readModels?.({ models })).toEqual([
      { name: 'gemini-x', displayName: 'Gemini X', contextTokens: 1_048_576, outputTokens: 65_536 },
    ])
  })

  test.each([null, 7, 'x', {}, { data: {} }, { data: [null, 1, {}] }])('that are none (%j) hold nothing', (body) => {
    for (const provider of [claude, chat, gemini, codex]) expect(provider.readModels?.(body)).toEqual([])
  })
})

describe('The catalogue', () => {
  test.each([
    ['claude-opus-5-5', 1_000_000, 128_000],
    ['claude-sonnet-4-5-20250929', 200_000, 64_000],
    ['anthropic/claude-sonnet-4.5', 200_000, 64_000],
    ['claude-sonnet-4-5@20250929', 200_000, 64_000],
    ['claude-opus-4-0', 200_000, 32_000],
    ['claude-3-5-haiku-latest', 200_000, 8192],
    ['claude-opus-4-8[1m]', 1_000_000, 128_000],
    ['gpt-4o-2024-11-20', 128_000, 16_384],
    ['openai/gpt-5.5', 1_050_000, 128_000],
    ['gpt-5-mini:free', 400_000, 128_000],
    ['nobody-knows-me', undefined, undefined],
  ])('knows the limits of %s', (model, context, output) => {
    expect([contextTokensFor(model), outputTokensFor(model)]).toEqual([context, output])
  })

  test('stands in for upstreams whose vendor is known, and for no other', () => {
    expect(catalogueFor({ provider: 'claude', baseUrl: 'https://x.example' }).length).toBeGreaterThan(5)
    expect(
      catalogueFor({ provider: 'openai-compatibility', baseUrl: 'https://api.openai.com/v1' }).length,
    ).toBeGreaterThan(5)
    expect(catalogueFor({ provider: 'openai-compatibility', baseUrl: 'https://x.example/v1' })).toEqual([])
  })

  test('has each model once, with sensible limits', () => {
    for (const provider of ['claude', 'codex', 'gemini', 'vertex']) {
      const models = catalogueFor({ provider, baseUrl: '' })
      expect(new Set(models.map(({ name }) => name)).size).toBe(models.length)
      for (const { name, alias, contextTokens = 0, outputTokens = 0 } of models) {
        expect(alias).toBe(name)
        expect(outputTokens).toBeGreaterThan(0)
        expect(contextTokens).toBeGreaterThan(outputTokens)
      }
    }
  })
})
