import { firstFitting } from './choose-model.ts'
import type { Client } from './client.ts'

/** Where Codex finds the key. */
const KEY = 'CLIPROXY_KEY'

/**
 * Codex. What `-c` says counts more than `~/.codex/config.toml`, whose MCP servers, permissions and history stay.
 *
 * @see https://github.com/openai/codex/blob/main/docs/config.md
 */
export const codex: Client = {
  title: 'Codex',
  package: '@openai/codex',
  misleading: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', 'OPENAI_ORGANIZATION'],
  certificateVariable: 'CODEX_CA_CERTIFICATE',
  modelFlags: ['--model', '-m'],
  chooseModel: (models) => firstFitting(models, [/codex/, /^gpt-\d/, /^o\d/]),
  launch: ({ base, key, model }) => ({
    args: settingsFor(base, model).flatMap(([name, value]) => ['-c', `${name}=${JSON.stringify(value)}`]),
    variables: { [KEY]: key },
    files: {},
  }),
  recipe: ({ base, key, model }) => ({
    variables: { [KEY]: key },
    snippet: { path: '~/.codex/config.toml', text: tomlFor(base, model) },
    command: ['codex'],
  }),
}

function settingsFor(base: string, model: string | undefined): readonly (readonly [string, string])[] {
  return [
    ...(model === undefined ? [] : [['model', model] as const]),
    ['model_provider', 'cliproxy'],
    ...providerFor(base).map(([name, value]) => [`model_providers.cliproxy.${name}`, value] as const),
  ]
}

function providerFor(base: string): readonly (readonly [string, string])[] {
  return [
    ['name', 'cliproxy'],
    ['base_url', `${base}/v1`],
    ['wire_api', 'responses'],
    ['env_key', KEY],
  ]
}

function tomlFor(base: string, model: string | undefined): string {
  return [
    line(['model', model ?? 'MODEL']),
    line(['model_provider', 'cliproxy']),
    '',
    '[model_providers.cliproxy]',
    ...providerFor(base).map(line),
  ].join('\n')
}

/** JSON's strings are TOML's. */
function line([name, value]: readonly [string, string]): string {
  return `${name} = ${JSON.stringify(value)}`
}
