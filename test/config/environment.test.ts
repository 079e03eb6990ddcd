import { describe, expect, test } from 'bun:test'
import { accountsOfEnvironment, ENVIRONMENT_KEYS } from '../../src/config/environment.ts'
import { isLoopback } from '../../src/lib/addresses.ts'
import { FORMATS } from '../../src/config/formats.ts'

const CONTEXT = { host: '127.0.0.1', port: 8317, apiKeys: ['client-key'], known: [] }

function accountsOf(environment: Record<string, string>, context = CONTEXT) {
  const { drafts, warnings } = accountsOfEnvironment(environment, context)
  return { accounts: drafts.map(({ provider, label, baseUrl }) => `${provider} ${label} ${baseUrl}`), warnings }
}

describe('keys of the environment', () => {
  test('become accounts at their vendors', () => {
    const environment = {
      ANTHROPIC_API_KEY: 'a',
      OPENAI_API_KEY: 'b',
      OPENROUTER_API_KEY: 'c',
      GOOGLE_API_KEY: 'd',
      GROQ_API_KEY: ' ',
    }
    expect(accountsOf(environment)).toEqual({
      accounts: [
        'claude ANTHROPIC_API_KEY https://api.anthropic.com',
        'gemini GOOGLE_API_KEY https://generativelanguage.googleapis.com',
        'openai-compatibility OPENAI_API_KEY https://api.openai.com/v1',
        'openai-compatibility OPENROUTER_API_KEY https://openrouter.ai/api/v1',
      ],
      warnings: [],
    })
  })

  test.each(ENVIRONMENT_KEYS.map((row) => [row.names.join(), row] as const))(
    '%s has a base URL that another replaces',
    (_, row) => {
      expect(FORMATS['base-url'](row.baseUrl)).toBeUndefined()
      const [key = '', baseUrl = ''] = [row.names[0], row.baseUrlNames[0]]
      const { drafts } = accountsOfEnvironment({ [key]: 'k', [baseUrl]: 'https://other.example/v1/' }, CONTEXT)
      expect(drafts.map((draft) => draft.baseUrl)).toEqual(['https://other.example/v1'])
    },
  )

  test('are not taken when the file has them already', () => {
    const environment = { OPENAI_API_KEY: 'b' }
    const { drafts } = accountsOfEnvironment(environment, CONTEXT)
    expect(accountsOfEnvironment(environment, { ...CONTEXT, known: drafts }).drafts).toEqual([])
  })

  test.each(['http://127.0.0.1:8317', 'http://localhost:8317/v1/', 'http://[::1]:8317', 'http://0.0.0.0:8317/v1'])(
    'are not taken when their base URL is this proxy: %s',
    (url) => {
      expect(accountsOf({ OPENAI_API_KEY: 'b', OPENAI_BASE_URL: url })).toEqual({
        accounts: [],
        warnings: ['OPENAI_API_KEY is not used: OPENAI_BASE_URL points at this proxy itself'],
      })
    },
  )

  test('are taken when their base URL is another server of this machine', () => {
    expect(accountsOf({ OPENAI_API_KEY: 'b', OPENAI_BASE_URL: 'http://127.0.0.1:8318' }).accounts).toHaveLength(1)
  })

  test.each([
    [{ OPENAI_API_KEY: 'client-key' }, 'it is one of the api-keys of this proxy itself'],
    [{ OPENAI_API_KEY: 'b', OPENAI_BASE_URL: 'nonsense' }, 'OPENAI_BASE_URL is no http or https URL'],
    [{ OPENAI_API_KEY: 'snow\u2603' }, 'it holds characters that no header can carry'],
  ])('are not taken for a reason: %j', (environment, reason) => {
    expect(accountsOf(environment)).toEqual({ accounts: [], warnings: [`OPENAI_API_KEY is not used: ${reason}`] })
  })
})

test.each([
  ['localhost', true],
  ['127.1.2.3', true],
  ['[::1]', true],
  ['', false],
  ['0.0.0.0', false],
  ['128.0.0.1', false],
  ['127.0.0.1.example.com', false],
])('%j on loopback: %p', (host, is) => {
  expect(isLoopback(host)).toBe(is)
})
