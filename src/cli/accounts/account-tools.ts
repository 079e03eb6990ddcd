import { createInterface } from 'node:readline/promises'
import { isatty } from 'node:tty'
import { openAuthFolder } from '../../accounts/files/auth-folder.ts'
import { createModelBook } from '../../accounts/learn.ts'
import type { NewLogin } from '../../accounts/oauth/vendor.ts'
import { vendorFetch } from '../../accounts/oauth/vendor-fetch.ts'
import { recryptFiles } from '../../accounts/files/recrypt.ts'
import type { Config } from '../../config/config.ts'
import { homeOf } from '../../config/home.ts'
import { listModels } from '../../gateway/list-models.ts'
import { catalogueFor } from '../../providers/catalogue.ts'
import type { AccountTools } from './accounts.ts'
import type { ImportTools } from './import.ts'
import { openLogins } from '../open-logins.ts'
import { writeError, writeOutput } from '../standard-streams.ts'
import { lines } from '../table.ts'
import { testAccount } from './test-account.ts'

/** The real world, for `cliproxy import`. */
export function importTools(): ImportTools {
  const { env, platform } = process
  return {
    machine: { home: homeOf(env), platform, environment: env },
    openFolder: openAuthFolder,
    withProject: askForProject,
    clock: Date.now,
    print: writeOutput,
  }
}

/** The real world, for `cliproxy accounts`. */
export function accountTools(): AccountTools {
  return {
    openLogins,
    recrypt: recryptFiles,
    modelsOf: (account, folder) =>
      createModelBook({
        list: listModels,
        catalogue: catalogueFor,
        folder,
        clock: Date.now,
        report: (line) => writeError(lines([line])),
      }).modelsOf(account),
    test: testAccount,
    clock: Date.now,
    print: writeOutput,
    printError: writeError,
    confirm: isatty(0) && isatty(1) ? confirm : undefined,
  }
}

async function askForProject(login: NewLogin, { oauthClients, proxyUrl }: Config): Promise<NewLogin> {
  const { withProject } = await import('../../accounts/oauth/with-project.ts')
  return await withProject(login, {
    client: oauthClients['gemini'] ?? {},
    fetch: vendorFetch(proxyUrl),
    clock: Date.now,
    signal: AbortSignal.timeout(PROJECT_MS_MAX),
    environment: process.env,
  })
}

/** How long Google may take to say which project a login is used in. */
const PROJECT_MS_MAX = 60_000

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}
