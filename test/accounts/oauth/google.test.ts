import { afterEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findInstalledClient, googleClientFor } from '../../../src/accounts/oauth/google-client.ts'
import { OauthError } from '../../../src/accounts/oauth/oauth-error.ts'
import { loadVendor } from '../../../src/accounts/oauth/vendors.ts'
import { thrownBy } from '../../kit/failing.ts'
import { startVendor, type VendorStandIn } from '../../kit/vendors/vendor.ts'
import type { GoogleWorld } from '../../kit/vendors/google.ts'
import { browse, contextFor, OPTIONS, personWho } from './conversing.ts'

let vendor: VendorStandIn | undefined
let folder: string | undefined
afterEach(async () => {
  await vendor?.stop()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  vendor = folder = undefined
})

const STANDARD = { defaultTier: 'standard-tier', projects: { p1: 'on', p2: 'off', p3: 'on' } } as const

describe('the projects of a login', () => {
  test.each<[string, Partial<GoogleWorld>, string | undefined, readonly string[] | undefined, object]>([
    ['a new person of the free tier gets one', {}, undefined, undefined, { project_id: 'assigned-1', auto: true }],
    [
      'a person whose free tier is there gets theirs',
      { currentTier: 'free-tier', assignedProject: 'mine-1' },
      undefined,
      undefined,
      { project_id: 'mine-1', auto: true },
    ],
    ['setting up is waited for', { onboardingPolls: 3 }, undefined, undefined, { project_id: 'assigned-1' }],
    ['one is named', STANDARD, 'p1', undefined, { project_id: 'p1', auto: false, checked: true }],
    ['several are named', STANDARD, ' p1, p2,p1', undefined, { project_id: 'p1,p2', auto: false }],
    ['all are wanted', STANDARD, 'ALL', undefined, { project_id: 'p1,p2,p3' }],
    [
      'of all, those that cannot be used are left out',
      { ...STANDARD, projects: { p1: 'forbidden', p2: 'off' } },
      'all',
      undefined,
      { project_id: 'p2' },
    ],
    ['one is chosen by its number', STANDARD, undefined, ['9', 'p9', '2'], { project_id: 'p2' }],
    ['several are chosen', STANDARD, undefined, ['p3, 1'], { project_id: 'p3,p1' }],
    ['all are chosen', STANDARD, undefined, ['all'], { project_id: 'p1,p2,p3' }],
    [
      'a tier that is there goes on with the named project',
      { ...STANDARD, currentTier: 'standard-tier' },
      'p3',
      undefined,
      { project_id: 'p3' },
    ],
  ])('%s', async (_name, world, projectId, answers, expected) => {
    const { logins } = await logIn(world, projectId, answers)
    expect(logins).toHaveLength(1)
    expect(logins[0]?.profile).toMatchObject({ email: 'ann@example.com', ...expected })
  })

  test('have the API turned on where it was off, and only there', async () => {
    await logIn(STANDARD, 'p1,p2')
    const enabled = vendor?.calls.filter(({ path }) => path.endsWith(':enable')).map(({ path }) => path)
    expect(enabled).toEqual(['/v1/projects/p2/services/cloudaicompanion.googleapis.com:enable'])
  })

  test.each<[string, Partial<GoogleWorld>, string | undefined, string]>([
    [
      'cannot be used',
      { ...STANDARD, projects: { p1: 'forbidden' } },
      'p1',
      'Turn it on at https://console.cloud.google.com/apis/library/cloudaicompanion.googleapis.com?project=p1',
    ],
    ['are needed, with nobody to ask', STANDARD, undefined, 'with one of p1, p2, p3, or ALL'],
    ['are needed, and there are none', { defaultTier: 'standard-tier' }, undefined, 'cloud.google.com/projectcreate'],
    ['are none', STANDARD, ' , ', '--project-id holds no project'],
    [
      'are not for this person',
      { defaultTier: undefined, ineligible: 'not in your country' },
      undefined,
      'your country',
    ],
    ['are never ready', { onboardingPolls: 1000 }, undefined, 'still being set up'],
  ])('that %s end the login with what to do', async (_name, world, projectId, expected) => {
    const error = await thrownBy(logIn(world, projectId))
    expect(error).toBeInstanceOf(OauthError)
    expect(String(error)).toContain(expected)
  })

  test('come with what other programs want to find in the file', async () => {
    const { logins } = await logIn({})
    expect(logins[0]?.profile['token']).toEqual({
      token_uri: 'https://oauth2.googleapis.com/token',
      client_id: vendor?.clientId,
      client_secret: vendor?.clientSecret,
      scopes: ['cloud-platform', 'userinfo.email', 'userinfo.profile'].map(
        (name) => `https://www.googleapis.com/auth/${name}`,
      ),
      universe_domain: 'googleapis.com',
      token_type: 'Bearer',
    })
  })
})

describe('the client of an installed Gemini CLI', () => {
  const PAIR = { clientId: '4321-abc.apps.googleusercontent.com', clientSecret: `GOCSPX-${'made-up-word-'.repeat(2)}` }
  const other = 'var OTHER = "9999-other.apps.googleusercontent.com";\n'
  const source = `${other}${'x'.repeat(5000)}\nvar ID = "${PAIR.clientId}";\nvar WORD = "${PAIR.clientSecret}";\n`

  test.each([
    ['its bundle', 'bundle/gemini.js', 'bundle/chunk-A1.js'],
    ['its core, inside', 'dist/index.js', 'node_modules/@google/gemini-cli-core/dist/src/code_assist/oauth2.js'],
    ['its core, beside it', 'dist/index.js', '../../@google/gemini-cli-core/dist/src/code_assist/oauth2.js'],
  ])('is found in %s', async (_name, program, file) => {
    const bin = install(program, file, source)
    expect(await findInstalledClient({ PATH: `/nowhere:${bin}` })).toEqual(PAIR)
  })

  test('is found where programs are scripts beside the packages', async () => {
    install('bundle/gemini.js', 'bundle/chunk-A1.js', source)
    const bin = join(folder ?? '', 'lib')
    writeFileSync(join(bin, 'gemini.cmd'), '@node "%~dp0\\node_modules\\@google\\gemini-cli\\bundle\\gemini.js" %*')
    expect(await findInstalledClient({ PATH: bin })).toEqual(PAIR)
  })

  test.each([
    ['holds none', other],
    ['holds a secret far from every id', `${other}${'x'.repeat(5000)}"${PAIR.clientSecret}"`],
  ])('is not found in one that %s', async (_name, text) => {
    expect(await findInstalledClient({ PATH: install('bundle/gemini.js', 'bundle/a.js', text) })).toBeUndefined()
  })

  test('of a program that is something else is not looked for', async () => {
    const bin = install('bundle/gemini.js', 'bundle/a.js', source, 'another-package')
    expect(await findInstalledClient({ PATH: bin })).toBeUndefined()
  })

  test('logs in when nothing else is said', async () => {
    vendor = await startVendor('gemini', { rules: PAIR })
    const PATH = install('bundle/gemini.js', 'bundle/a.js', source)
    const context = contextFor(vendor, { client: { authUrl: vendor.url }, environment: { PATH } })
    expect(await googleClientFor(context)).toEqual(PAIR)
  })

  test('refreshes what it made, whatever the config says, and nothing that another client made', async () => {
    vendor = await startVendor('gemini')
    const environment = { PATH: install('bundle/gemini.js', 'bundle/a.js', source) }
    const context = contextFor(vendor, { environment })
    expect(await googleClientFor(context, { token: { client_id: PAIR.clientId } })).toEqual(PAIR)
    const error = await googleClientFor(context, { token: { client_id: 'third' } }).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({ code: 'no-client', isFinal: false, message: expect.stringContaining('client third') })
  })

  test('that is missing names all three ways to have one', async () => {
    vendor = await startVendor('gemini')
    const context = contextFor(vendor, { client: {}, environment: { PATH: '/nowhere' } })
    const maker = await loadVendor('gemini')
    const error = String(await thrownBy(maker.login(personWho({}).conversation, OPTIONS, context)))
    expect(error).toContain('install Gemini CLI')
    expect(error).toContain('oauth-clients.gemini')
    expect(error).toContain('GEMINI_OAUTH_CLIENT_ID')
    expect(vendor.calls).toEqual([])
  })
})

/** Gives the folder of programs. */
function install(program: string, file: string, text: string, name = '@google/gemini-cli'): string {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-test-'))
  const root = join(folder, 'lib', 'node_modules', '@google', 'gemini-cli')
  const bin = join(folder, 'bin')
  for (const [path, content] of [
    [join(root, 'package.json'), JSON.stringify({ name })],
    [join(root, program), 'import "./rest.js"'],
    [join(root, file), text],
  ] as const) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  mkdirSync(bin)
  symlinkSync(join(root, program), join(bin, 'gemini'))
  return bin
}

async function logIn(world: Partial<GoogleWorld>, projectId?: string, answers?: readonly string[]) {
  const started = await startVendor('gemini', { google: world })
  vendor = started
  const context = contextFor(started)
  const person = personWho({ opens: async (url, port) => await browse(await started.consent(url), port), answers })
  const maker = await loadVendor('gemini')
  return { logins: await maker.login(person.conversation, { ...OPTIONS, projectId }, context), person }
}
