import { expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dir, '..', '..', 'src', 'main.ts')

test.each([
  [['help', 'login'], 0, /^cliproxy login: /, /^$/],
  [['--claude-login', '-help'], 0, /^cliproxy login: /, /^$/],
  [['version'], 0, /^cliproxy \d/, /^$/],
  [['acounts'], 2, /^$/, /^there is no command acounts; did you mean accounts\?/],
  [['accounts', '--config', 'none.yaml'], 1, /^$/, /^none\.yaml: there is no such file/],
])('the program answers %j and ends with %d', async (args, code, stdout, stderr) => {
  const child = Bun.spawn([process.execPath, MAIN, ...args], {
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
    cwd: tmpdir(),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, errors] = await Promise.all([child.stdout.text(), child.stderr.text()])
  expect({ code: await child.exited, out, errors }).toEqual({
    code,
    out: expect.stringMatching(stdout),
    errors: expect.stringMatching(stderr),
  })
})
