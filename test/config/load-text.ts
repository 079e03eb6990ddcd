import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../src/accounts/account.ts'
import type { Environment } from '../../src/config/interpolate.ts'
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../src/config/load.ts'
import { ConfigProblems } from '../../src/config/problems.ts'

/** An empty folder; whoever makes it removes it. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cliproxy-config-'))
}

/** Loads a text as `c.yaml` of the folder, in the home of /users/ann. */
export async function loadText(
  folder: string,
  text: string,
  environment: Environment = {},
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  writeFileSync(join(folder, 'c.yaml'), text)
  return await loadConfig('c.yaml', { HOME: '/users/ann', ...environment }, { folder, ...options })
}

/** What loading the text throws. */
export async function failureOf(
  folder: string,
  text: string,
  environment: Environment = {},
  options: LoadOptions = {},
): Promise<ConfigProblems> {
  const outcome = await loadText(folder, text, environment, options).catch((cause: unknown) => cause)
  if (outcome instanceof ConfigProblems) return outcome
  throw new Error('the configuration was accepted')
}

/** The accounts of the text. */
export async function accountsOf(folder: string, text: string): Promise<readonly Account[]> {
  return (await loadText(folder, text)).config.accounts
}
