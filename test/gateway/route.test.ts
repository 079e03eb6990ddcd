import { describe, expect, test } from 'bun:test'
import type { Account, ModelEntry } from '../../src/accounts/account.ts'
import { createRouter, type Offer } from '../../src/gateway/route.ts'
import { Fault } from '../../src/ir/fault.ts'
import { accountAt } from '../kit/proxy.ts'

function offer(
  label: string,
  names: readonly (string | readonly [string, string])[],
  own: Partial<Account> = {},
): Offer {
  const models = names.map((name): ModelEntry => {
    const [upstream, alias] = typeof name === 'string' ? [name, name] : name
    return { name: upstream, alias }
  })
  return { account: accountAt('http://localhost', 'openai-chat', { label, ...own }), models }
}

/** `account:upstream-model` of each candidate, in order. */
function namesFor(offers: readonly Offer[], model: string, forceModelPrefix = false): readonly string[] {
  const { candidates } = createRouter(offers, { forceModelPrefix }).route(model)
  return candidates.map(({ account, upstreamModel }) => `${account.label}:${upstreamModel}`)
}

function refusalFor(offers: readonly Offer[], model: string, forceModelPrefix = false): string {
  try {
    createRouter(offers, { forceModelPrefix }).route(model)
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return error.message
    throw error
  }
  throw new Error(`${model} is served`)
}

describe('routes', () => {
  test('a model is served by every account that has it, in the order of the config', () => {
    const offers = [offer('a', ['m', 'n']), offer('b', ['n']), offer('c', ['m'])]
    expect(namesFor(offers, 'm')).toEqual(['a:m', 'c:m'])
    expect(namesFor(offers, 'n')).toEqual(['a:n', 'b:n'])
  })

  test('clients ask for the alias, upstreams for the name', () => {
    const offers = [offer('a', [['long-name-2026', 'short']]), offer('b', [['other-name', 'short']])]
    expect(namesFor(offers, 'short')).toEqual(['a:long-name-2026', 'b:other-name'])
    expect(refusalFor(offers, 'long-name-2026')).toContain("No account serves the model 'long-name-2026'")
  })

  test('one account may serve two models under one alias', () => {
    expect(
      namesFor(
        [
          offer('a', [
            ['x', 'm'],
            ['y', 'm'],
          ]),
        ],
        'm',
      ),
    ).toEqual(['a:x', 'a:y'])
  })

  test('a prefix is a second name, or the only one', () => {
    const offers = [offer('a', ['m'], { prefix: 'team' }), offer('b', ['m'])]
    expect(namesFor(offers, 'm')).toEqual(['a:m', 'b:m'])
    expect(namesFor(offers, 'team/m')).toEqual(['a:m'])
    expect(namesFor(offers, 'm', true)).toEqual(['b:m'])
    expect(namesFor(offers, 'team/m', true)).toEqual(['a:m'])
    expect(refusalFor([offer('a', ['m'], { prefix: 'team' })], 'm', true)).toContain("'team/m'")
  })

  test('the list shows every name once, in order', () => {
    const offers = [offer('a', ['m'], { prefix: 'team' }), offer('b', ['m', 'n'])]
    const ids = (forceModelPrefix: boolean): readonly string[] =>
      createRouter(offers, { forceModelPrefix })
        .list()
        .map(({ id }) => id)
    expect(ids(false)).toEqual(['m', 'team/m', 'n'])
    expect(ids(true)).toEqual(['team/m', 'm', 'n'])
  })

  test.each([
    ['m(high)', 'm', { mode: 'on', level: 'high' }],
    ['m(8192)', 'm', { mode: 'on', budgetTokens: 8192 }],
    ['m(none)', 'm', { mode: 'off' }],
    ['m(auto)', 'm', { mode: 'auto' }],
    ['team/m(low)', 'team/m', { mode: 'on', level: 'low' }],
  ])('%s asks for thinking', (model, stem, reasoning) => {
    const route = createRouter([offer('a', ['m'], { prefix: 'team' })], { forceModelPrefix: false }).route(model)
    expect(route.model).toBe(stem)
    expect(route.reasoning).toMatchObject(reasoning)
    expect(route.candidates).toHaveLength(1)
  })

  test('a model that has such a name itself is served, and thinks as it likes', () => {
    const route = createRouter([offer('a', ['m(preview)'])], { forceModelPrefix: false }).route('m(preview)')
    expect(route.reasoning).toBeUndefined()
    expect(route.candidates).toHaveLength(1)
  })

  test('what nobody serves names the nearest, or how to begin', () => {
    const offers = [offer('a', ['claude-sonnet-4-5', 'claude-opus-4-5', 'gpt-5'])]
    expect(refusalFor(offers, 'claude-sonet-4-5')).toBe(
      "No account serves the model 'claude-sonet-4-5'. Did you mean 'claude-sonnet-4-5', 'claude-opus-4-5'? GET /v1/models lists them all.",
    )
    expect(refusalFor(offers, 'GPT-5(high)')).toContain("Did you mean 'gpt-5'")
    expect(refusalFor(offers, 'llama')).toContain('GET /v1/models lists the models that are served.')
    expect(refusalFor([], 'm')).toContain('No account serves any model yet: add one to the config.')
    expect(refusalFor(offers, '__proto__')).toContain("'__proto__'")
  })
})

/** What stands in for the one model of an account. */
function standInFor(own: Partial<Account>, switchPreviewModel = true, model = 'gemini-2.5-pro'): string | undefined {
  const offers = [offer('a', [model], { provider: 'gemini-cli', ...own })]
  const [candidate] = createRouter(offers, { forceModelPrefix: false, switchPreviewModel }).route(model).candidates
  return candidate?.standIn?.upstreamModel
}

describe('The preview of a model', () => {
  test('stands in for it where the config says so and the account does not exclude it', () => {
    expect(standInFor({})).toBe('gemini-3.1-pro-preview')
    expect(standInFor({}, false)).toBeUndefined()
    expect(standInFor({ excludedModels: ['*-preview'] })).toBeUndefined()
    expect(standInFor({}, true, 'gemini-3-flash-preview')).toBeUndefined()
    expect(standInFor({ provider: 'gemini' })).toBeUndefined()
  })
})
