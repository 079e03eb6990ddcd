import { join } from 'node:path'
import { firstFitting } from './choose-model.ts'
import type { Client } from './client.ts'
import { parseCommented } from './commented-json.ts'
import { mergeFields } from './merge-fields.ts'

/** Names the settings that count most; an administrator may have written some. */
const SETTINGS_PATH = 'QWEN_CODE_SYSTEM_SETTINGS_PATH'

const SYSTEM_PATH = '/etc/qwen-code/settings.json'
const SYSTEM_PATHS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: '/Library/Application Support/QwenCode/settings.json',
  win32: String.raw`C:\ProgramData\qwen-code\settings.json`,
}

/**
 * Qwen Code. A provider in its settings that lists the model counts more than the variables: so the settings of this run
 * list it.
 *
 * @see https://github.com/QwenLM/qwen-code/blob/main/docs/users/configuration/settings.md
 */
export const qwen: Client = {
  title: 'Qwen Code',
  package: '@qwen-code/qwen-code',
  misleading: [
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'OPENAI_MODEL',
    'QWEN_MODEL',
    'QWEN_OAUTH',
    'GEMINI_API_KEY',
    'GEMINI_MODEL',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_BASE_URL',
    'ANTHROPIC_MODEL',
  ],
  certificateVariable: 'NODE_EXTRA_CA_CERTS',
  modelFlags: ['--model', '-m'],
  chooseModel: (models) => firstFitting(models, [/qwen.*coder/, /qwen/, /coder/]),
  launch: ({ base, key, model, folder, environment, readFile }) => {
    const given = parseCommented(readFile(environment[SETTINGS_PATH] ?? SYSTEM_PATHS[process.platform] ?? SYSTEM_PATH))
    const provider = { id: model, name: model, baseUrl: `${base}/v1`, envKey: 'OPENAI_API_KEY' }
    const own = {
      security: { auth: { selectedType: 'openai' } },
      ...(model === undefined ? {} : { modelProviders: { openai: [provider] }, model: { name: model } }),
    }
    return {
      args: argsFor(model),
      variables: { ...variablesFor(base, key, model), [SETTINGS_PATH]: join(folder, 'settings.json') },
      files: { 'settings.json': `${JSON.stringify(mergeFields(given, own))}\n` },
    }
  },
  recipe: ({ base, key, model }) => ({
    variables: variablesFor(base, key, model),
    command: ['qwen', ...argsFor(model)],
  }),
}

function argsFor(model: string | undefined): readonly string[] {
  return ['--auth-type', 'openai', ...(model === undefined ? [] : ['-m', model])]
}

function variablesFor(base: string, key: string, model: string | undefined): Record<string, string> {
  const variables = { OPENAI_BASE_URL: `${base}/v1`, OPENAI_API_KEY: key }
  return model === undefined ? variables : { ...variables, OPENAI_MODEL: model }
}
