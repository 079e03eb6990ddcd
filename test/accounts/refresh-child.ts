import { openAuthFolder } from '../../src/accounts/files/auth-folder.ts'
import { openLoginBook } from '../../src/accounts/open-login-book.ts'
import { loadConfig } from '../../src/config/load.ts'
import { standInVendor } from './stand-in.ts'

/** Refreshes the one login of a folder, and dies at the step that it is told. Not a test: tests start it. */
const [path = '', url = '', lastStep = ''] = process.argv.slice(2)

function onStep(step: string): void {
  if (step === lastStep) process.kill(process.pid, 'SIGKILL')
}

const { config } = await loadConfig(undefined, { HOME: path }, { folder: path })
const book = openLoginBook({
  folder: openAuthFolder({ path, environment: {}, onStep }),
  config: () => config,
  loadVendor: standInVendor(url, onStep),
  clock: Date.now,
  report: (line) => console.error(line),
  isLive: false,
})
console.log('ready')
const token = await book.accounts()[0]?.login?.token()
onStep('done')
console.log(token)
await book.close()
