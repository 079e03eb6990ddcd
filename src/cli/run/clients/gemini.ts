import { join } from 'node:path'
import { folderOf } from '../../../accounts/import/machine.ts'
import { homeOf } from '../../../config/home.ts'
import { areServed, firstFitting } from './choose-model.ts'
import type { Client } from './client.ts'
import { parseCommented } from './commented-json.ts'
import { mergeFields } from './merge-fields.ts'

const FAMILIES = [/^gemini-.*pro/, /^gemini-.*flash/, /^gemini-.*flash-lite/]

/** The folder in whose `.gemini` everything is; the home of the user where it is not set. */
const HOME = 'GEMINI_CLI_HOME'

const TRUSTED_FOLDERS = 'GEMINI_CLI_TRUSTED_FOLDERS_PATH'

/** How a key is chosen as the way to log in. */
const OWN_SETTINGS = { security: { auth: { selectedType: 'gemini-api-key' } } }

/**
 * Gemini CLI. How it logs in is chosen in its settings, and of those only the user's can be put elsewhere: the file for
 * this run has the user's settings with ours over them, all that is beside it is linked. A project's settings may choose
 * another way to log in; each of them leads to the proxy.
 *
 * @see https://github.com/google-gemini/gemini-cli/blob/main/docs/reference/configuration.md
 */
export const gemini: Client = {
  title: 'Gemini CLI',
  package: '@google/gemini-cli',
  misleading: [
    'GEMINI_API_KEY',
    'GOOGLE_API_KEY',
    'GOOGLE_GEMINI_BASE_URL',
    'GOOGLE_VERTEX_BASE_URL',
    'GOOGLE_GENAI_USE_VERTEXAI',
    'GOOGLE_GENAI_USE_GCA',
    'GOOGLE_CLOUD_ACCESS_TOKEN',
    'CODE_ASSIST_ENDPOINT',
    'GEMINI_CLI_CUSTOM_HEADERS',
  ],
  certificateVariable: 'NODE_EXTRA_CA_CERTS',
  modelFlags: ['--model', '-m'],
  chooseModel: (models) =>
    areServed(FAMILIES, models) ? undefined : firstFitting(models, [/^gemini-.*pro/, /^gemini-/, /gemini/]),
  launch: ({ base, key, model, folder, environment, readFile, listFolder }) => {
    const own = join(folderOf({ home: homeOf(environment), environment }, HOME), '.gemini')
    const settings = parseCommented(readFile(join(own, 'settings.json')))
    const others = listFolder(own).filter((name) => name !== 'settings.json')
    return {
      args: model === undefined ? [] : ['-m', model],
      variables: {
        ...variablesFor(base, key),
        GOOGLE_VERTEX_BASE_URL: base,
        GOOGLE_API_KEY: key,
        CODE_ASSIST_ENDPOINT: base,
        GOOGLE_GENAI_USE_GCA: 'true',
        GOOGLE_CLOUD_ACCESS_TOKEN: key,
        [HOME]: folder,
        // Which folders are trusted is the user's to keep: it is asked for once, not in every run.
        [TRUSTED_FOLDERS]: environment[TRUSTED_FOLDERS] ?? join(own, 'trustedFolders.json'),
      },
      files: { '.gemini/settings.json': `${JSON.stringify(mergeFields(settings, OWN_SETTINGS))}\n` },
      links: Object.fromEntries(others.map((name) => [`.gemini/${name}`, join(own, name)])),
    }
  },
  recipe: ({ base, key, model }) => ({
    variables: variablesFor(base, key),
    snippet: {
      path: '~/.gemini/settings.json',
      text: JSON.stringify(OWN_SETTINGS, undefined, 2),
    },
    command: ['gemini', ...(model === undefined ? [] : ['-m', model])],
  }),
}

function variablesFor(base: string, key: string): Record<string, string> {
  return { GOOGLE_GEMINI_BASE_URL: base, GEMINI_API_KEY: key }
}
