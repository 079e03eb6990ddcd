import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { readImports } from '../../imports.ts'

const ROOT = join(import.meta.dir, '../../..')
const HEAVY = ['oauth4webapi', 'jose']
const FLOWS = 'src/accounts/oauth/'

/** What each file needs as soon as it is loaded. */
const needs = new Map(
  [...new Glob('src/**/*.ts').scanSync(ROOT)].map((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\bimport\(/g, 'later(')
    return [file, readImports(file, source).flatMap(({ target, isType }) => (isType ? [] : [target]))] as const
  }),
)

test('the packages of logins are loaded with the first login or refresh, never at the start', () => {
  const early = [...needs.keys()].filter((file) => !file.startsWith(FLOWS) && isHeavy(file))
  expect(early).toEqual([])
})

test('the flows do need them', () => {
  expect(['claude', 'gemini', 'qwen', 'vertex'].filter((id) => !isHeavy(`${FLOWS}${id}.ts`))).toEqual([])
})

test('the package that signs is loaded for service accounts alone', () => {
  const ids = ['claude', 'codex', 'gemini', 'qwen', 'kimi', 'xai', 'vertex']
  expect(ids.filter((id) => isHeavy(`${FLOWS}${id}.ts`, ['jose']))).toEqual(['vertex'])
})

function isHeavy(file: string, packages: readonly string[] = HEAVY, seen: Set<string> = new Set()): boolean {
  if (seen.has(file)) return false
  seen.add(file)
  return (needs.get(file) ?? []).some((target) => packages.includes(target) || isHeavy(target, packages, seen))
}
