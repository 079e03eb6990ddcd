import { join } from 'node:path'
import { areServed, firstFitting } from './choose-model.ts'
import type { Client } from './client.ts'

/** The names behind which Claude Code has a model for each kind of work. */
const FAMILIES = { HAIKU: /^claude-.*haiku/, SONNET: /^claude-.*sonnet/, OPUS: /^claude-.*opus/ } as const

/**
 * Claude Code. Its settings may hold variables (`env`), which count more than those of the process; a file given with
 * `--settings` counts more than the user's own and leaves the rest of them as it is.
 *
 * @see https://docs.anthropic.com/en/docs/claude-code/settings
 * @see https://docs.anthropic.com/en/docs/claude-code/llm-gateway
 */
export const claude: Client = {
  title: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  misleading: [
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'ANTHROPIC_BASE_URL',
    'ANTHROPIC_CUSTOM_HEADERS',
    'ANTHROPIC_UNIX_SOCKET',
    'ANTHROPIC_BEDROCK_BASE_URL',
    'ANTHROPIC_VERTEX_BASE_URL',
    'ANTHROPIC_FOUNDRY_BASE_URL',
    'ANTHROPIC_FOUNDRY_RESOURCE',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'CLAUDE_CODE_USE_BEDROCK',
    'CLAUDE_CODE_USE_VERTEX',
    'CLAUDE_CODE_USE_FOUNDRY',
    'CLAUDE_CODE_USE_MANTLE',
  ],
  certificateVariable: 'NODE_EXTRA_CA_CERTS',
  modelFlags: ['--model'],
  chooseModel: (models) =>
    areServed(Object.values(FAMILIES), models)
      ? undefined
      : firstFitting(models, [/^claude-.*sonnet/, /^claude-/, /sonnet/, /opus/]),
  launch: ({ base, key, model, models, folder }) => {
    const variables = { ...variablesFor(base, key), ...familiesFor(model, models) }
    return {
      args: ['--settings', join(folder, 'settings.json'), ...(model === undefined ? [] : ['--model', model])],
      variables,
      files: { 'settings.json': `${JSON.stringify({ env: { ...variables, ...SWITCHED_OFF } })}\n` },
    }
  },
  recipe: ({ base, key, model }) => ({
    variables: variablesFor(base, key),
    command: ['claude', ...(model === undefined ? [] : ['--model', model])],
  }),
}

function variablesFor(base: string, key: string): Record<string, string> {
  return { ANTHROPIC_BASE_URL: base, ANTHROPIC_AUTH_TOKEN: key }
}

/** What the user's settings may have switched on. An empty text is as good as none. */
const SWITCHED_OFF = {
  ANTHROPIC_API_KEY: '',
  CLAUDE_CODE_USE_BEDROCK: '',
  CLAUDE_CODE_USE_VERTEX: '',
  CLAUDE_CODE_USE_FOUNDRY: '',
}

/** Claude Code's side requests and `/model sonnet` name models that may not be served: then the chosen one stands in. */
function familiesFor(model: string | undefined, models: readonly string[]): Record<string, string> {
  if (model === undefined) return {}
  const missing = Object.entries(FAMILIES).filter(([, family]) => !models.some((served) => family.test(served)))
  return Object.fromEntries(missing.map(([name]) => [`ANTHROPIC_DEFAULT_${name}_MODEL`, model]))
}
