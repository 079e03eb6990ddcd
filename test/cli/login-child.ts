import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthFolder } from '../../src/accounts/auth-folder.ts'
import type { VendorId } from '../../src/accounts/oauth/vendor.ts'
import { runLogin } from '../../src/cli/login.ts'
import { loadConfig } from '../../src/config/load.ts'
import { parseObject } from '../../src/lib/json.ts'
import { writeFileAtomically } from '../../src/lib/write-file.ts'

// Runs a login in a process of its own: `login-child.ts VENDOR CONFIG`.
const [, , vendor, config] = process.argv
const folderAt = (path: string): AuthFolder => ({
  path,
  list: () => [],
  read(name) {
    try {
      return { name, fields: parseObject(readFileSync(join(path, name), 'utf8')) ?? {}, isEncrypted: false }
    } catch {
      return undefined
    }
  },
  async write(name, fields) {
    mkdirSync(path, { recursive: true })
    await writeFileAtomically(join(path, name), JSON.stringify(fields))
  },
  update: () => Promise.resolve(),
  remove: () => Promise.resolve(),
})
process.exitCode = await runLogin(
  {
    vendor: vendor as VendorId,
    loaded: await loadConfig(config, process.env),
    noBrowser: process.env['NO_BROWSER'] !== undefined,
    isDevice: false,
    callbackPort: vendor === 'claude' ? 0 : undefined,
  },
  {
    openFolder: ({ path }) => folderAt(path),
    composeFile: (type, { tokens, profile }) => ({
      name: `${type}-login.json`,
      fields: { type, ...profile, access_token: tokens.accessToken, refresh_token: tokens.refreshToken },
    }),
    planOf: () => undefined,
  },
)
