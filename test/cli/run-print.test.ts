import { describe, expect, test } from 'bun:test'
import { CLIENT_NAMES } from '../../src/cli/run/clients/client.ts'
import { CLIENTS } from '../../src/cli/run/clients/table.ts'
import { recipeText, type RecipeOptions } from '../../src/cli/run/run-print.ts'
import { loadConfig } from '../../src/config/load.ts'

const LOADED = await loadConfig(undefined, { HOME: '/nowhere' }, { folder: '/nowhere' })
const KEYED = { ...LOADED, path: 'config.yaml', config: { ...LOADED.config, apiKeys: ['secret-key-1'] } }

function recipe(own: Partial<RecipeOptions>): string {
  return recipeText({
    client: CLIENTS.claude,
    model: 'm',
    key: 'any',
    loaded: LOADED,
    environment: {},
    base: 'http://127.0.0.1:8317',
    isRunning: true,
    shell: 'posix',
    ...own,
  })
}

describe('a recipe', () => {
  test.each(CLIENT_NAMES)('for %s shows no key of the proxy, and sets what holds it', (name) => {
    const text = recipe({ client: CLIENTS[name], loaded: KEYED, key: 'secret-key-1' })
    expect(text).not.toContain('secret-key-1')
    expect(text).toContain('CLIPROXY_KEY')
    expect(text).not.toContain('\0')
  })

  test('for a POSIX shell', () => {
    expect(recipe({ client: CLIENTS.gemini, isRunning: false, environment: { GOOGLE_API_KEY: 'x' } }))
      .toMatchInlineSnapshot(`
      "# nothing listens at http://127.0.0.1:8317 yet: cliproxy starts it
      unset GOOGLE_API_KEY
      export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8317
      export GEMINI_API_KEY=any
      # in ~/.gemini/settings.json:
      #   {
      #     "security": {
      #       "auth": {
      #         "selectedType": "gemini-api-key"
      #       }
      #     }
      #   }
      gemini -m m
      "
    `)
  })

  test('for PowerShell', () => {
    expect(recipe({ loaded: KEYED, shell: 'powershell', model: "it's", environment: { ANTHROPIC_API_KEY: 'x' } }))
      .toMatchInlineSnapshot(`
      "# CLIPROXY_KEY: one of the api-keys in config.yaml
      Remove-Item Env:ANTHROPIC_API_KEY
      $env:ANTHROPIC_BASE_URL = 'http://127.0.0.1:8317'
      $env:ANTHROPIC_AUTH_TOKEN = $env:CLIPROXY_KEY
      claude --model 'it''s'
      "
    `)
  })

  test('for a client that needs a file', () => {
    expect(recipe({ client: CLIENTS.codex })).toMatchInlineSnapshot(`
      "export CLIPROXY_KEY=any
      # in ~/.codex/config.toml:
      #   model = "m"
      #   model_provider = "cliproxy"
      #
      #   [model_providers.cliproxy]
      #   name = "cliproxy"
      #   base_url = "http://127.0.0.1:8317/v1"
      #   wire_api = "responses"
      #   env_key = "CLIPROXY_KEY"
      codex
      "
    `)
  })
})
