import { parseObject, type Fields } from '../../../lib/json.ts'
import { firstFitting } from './choose-model.ts'
import type { Client } from './client.ts'
import { mergeFields } from './merge-fields.ts'

const KEY = 'CLIPROXY_KEY'
const CONTENT = 'OPENCODE_CONFIG_CONTENT'

/** Models that are offered for choice; variables must stay small. */
const MODELS_MAX = 200

/**
 * opencode. `OPENCODE_CONFIG_CONTENT` counts more than every file of its settings, and is merged with them.
 *
 * @see https://opencode.ai/docs/config
 */
export const opencode: Client = {
  title: 'opencode',
  package: 'opencode-ai',
  misleading: [],
  certificateVariable: 'NODE_EXTRA_CA_CERTS',
  modelFlags: ['--model', '-m'],
  chooseModel: (models) => firstFitting(models, [/sonnet/, /^gpt-\d/, /coder/]),
  launch: ({ base, key, model, models, environment }) => {
    const given = parseObject(environment[CONTENT] ?? '{}') ?? {}
    const offered = [...new Set([...(model === undefined ? [] : [model]), ...models])].slice(0, MODELS_MAX)
    return {
      args: [],
      variables: { [KEY]: key, [CONTENT]: JSON.stringify(mergeFields(given, settingsFor(base, offered))) },
      files: {},
    }
  },
  recipe: ({ base, key, model }) => ({
    variables: { [KEY]: key },
    snippet: {
      path: '~/.config/opencode/opencode.json',
      text: JSON.stringify(settingsFor(base, [model ?? 'MODEL']), undefined, 2),
    },
    command: ['opencode'],
  }),
}

/** @param models the first is used unless the user asks for another, for side requests too. */
function settingsFor(base: string, models: readonly string[]): Fields {
  const [first] = models
  return {
    ...(first === undefined ? {} : { model: `cliproxy/${first}`, small_model: `cliproxy/${first}` }),
    provider: {
      cliproxy: {
        npm: '@ai-sdk/openai-compatible',
        name: 'cliproxy',
        options: { baseURL: `${base}/v1`, apiKey: `{env:${KEY}}` },
        models: Object.fromEntries(models.map((model) => [model, { name: model }])),
      },
    },
  }
}
