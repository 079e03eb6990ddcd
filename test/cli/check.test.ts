import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCheck } from '../../src/cli/check.ts'
import { loadConfig } from '../../src/config/load.ts'

const folder = mkdtempSync(join(tmpdir(), 'cliproxy-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function check(text: string): Promise<{ code: number; printed: string }> {
  writeFileSync(join(folder, 'c.yaml'), text)
  let printed = '\n'
  const code = await runCheck(
    () => loadConfig('c.yaml', { HOME: folder, XAI_API_KEY: 'secret-4' }, { folder }),
    (part) => (printed += part),
  )
  return { code, printed }
}

test('a valid configuration is printed as who serves what, without secrets', async () => {
  const { code, printed } = await check(`
prot: 1
api-keys: [secret-0]
claude-api-key:
  - {api-key: secret-1, prefix: team, excluded-models: ["*-old"]}
openai-compatibility:
  - name: many
    base-url: https://user:secret-2@many.example/v1
    api-key-entries: [{api-key: secret-3}]
    models: [{name: a}, {name: b, alias: c}, {name: d, alias: c}, {name: e}, {name: f}, {name: g}]
`)
  expect(code).toBe(0)
  expect(printed).not.toContain('secret')
  expect(printed).toMatchInlineSnapshot(`
    "
    warning: c.yaml:2:1: prot: is no known key and is ignored; did you mean port?
    c.yaml: valid
    listens on http://127.0.0.1:8317
    clients: whoever shows the api-key

    ACCOUNT            PROVIDER              BASE URL                   MODELS                                                    FROM
    claude-api-key[0]  claude                https://api.anthropic.com  learned from the upstream, also as team/…, without *-old  config file
    many               openai-compatibility  https://…@many.example/v1  a c e f … (5)                                             config file
    XAI_API_KEY        openai-compatibility  https://api.x.ai/v1        learned from the upstream                                 environment
    "
  `)
})

test('without accounts the demo is named', async () => {
  const { printed } = await check('env-accounts: false')
  expect(printed).toContain('no accounts: the built-in demo model would be served')
})

test('an invalid configuration is printed as all that is wrong', async () => {
  const { code, printed } = await check('port: x\nhots: ""\ndebug: 3\n')
  expect(code).toBe(1)
  expect(printed).toMatchInlineSnapshot(`
    "
    c.yaml:1:7: port: is a text; allowed: a whole number from 0 to 65535
    c.yaml:3:8: debug: is 3; allowed: true or false
    warning: c.yaml:2:1: hots: is no known key and is ignored; did you mean host?

    2 problems: nothing would be served
    "
  `)
})
