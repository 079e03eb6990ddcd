import { readObject, readObjects, readText, type Fields } from '../../lib/json.ts'
import { GOOGLE_CODE_ASSIST_URL } from '../oauth-clients.ts'
import { cleanText, endpointFor } from './ask.ts'
import { sleepIn } from './device-flow.ts'
import {
  askGoogle,
  chooseProjects,
  enableService,
  listProjects,
  splitIds,
  type GoogleSession,
} from './google-projects.ts'
import { loginCommand } from './login-command.ts'
import { OauthError } from './oauth-error.ts'
import type { LoginConversation, LoginOptions } from './vendor.ts'

/** What a login of Google's is used with, in the words of CLIProxyAPI's file. */
export interface Onboarding {
  /** At least one, with commas between. */
  readonly project_id: string
  /** The project is one that Google gave, none of the person's own. */
  readonly auto: boolean
  /** The API was found or turned on in each of the person's own projects. */
  readonly checked: true
}

/** @see `packages/core/src/code_assist/setup.ts` of gemini-cli; `internal/cmd/login.go` of CLIProxyAPI v6 */
const METADATA = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' }
/** Google makes this tier's project itself, and refuses a request that names one. */
const FREE_TIER = 'free-tier'
/** For whom no tier is offered. */
const LEGACY_TIER = 'legacy-tier'

const POLL_MS = 5_000
const POLLS_MAX = 60

/**
 * Makes Code Assist ready for the person, in the projects that were named, or in the one that Google gives.
 *
 * @throws {OauthError} when it cannot be used, or needs a project and none was named.
 */
export async function onboard(
  session: GoogleSession,
  conversation: LoginConversation,
  { projectId }: Pick<LoginOptions, 'projectId'>,
): Promise<Onboarding> {
  if (projectId === undefined || projectId.trim() === '') {
    const assigned = await onboardIn(session, undefined)
    if (assigned !== undefined) return { project_id: assigned, auto: true, checked: true }
  }
  const isAll = projectId?.trim().toUpperCase() === 'ALL'
  const wanted = projectId === undefined || isAll ? await choose(session, conversation, isAll) : splitIds(projectId)
  if (wanted.length === 0) throw new OauthError('--project-id holds no project; allowed: P, P1,P2 or ALL')
  return await onboardAll(session, conversation, wanted, isAll)
}

async function choose(
  session: GoogleSession,
  conversation: LoginConversation,
  isAll: boolean,
): Promise<readonly string[]> {
  const projects = await listProjects(session)
  if (projects.length === 0) {
    throw new OauthError(
      'This Google account needs a project, and has none: make one at https://console.cloud.google.com/projectcreate, ' +
        'then run `cliproxy login gemini --project-id P`.',
    )
  }
  if (isAll) return projects.map(({ id }) => id)
  conversation.say('This Google account needs a project of yours.')
  const chosen = await chooseProjects(projects, conversation, session.context.signal)
  if (chosen) return chosen
  const ids = projects.map(({ id }) => id).join(', ')
  throw new OauthError(
    `This Google account needs a project of yours: run \`cliproxy login gemini --project-id P\` with one of ${ids}, or ALL.`,
  )
}

/** Of all, those that cannot be used are passed over; of those that were named, none. */
async function onboardAll(
  session: GoogleSession,
  conversation: LoginConversation,
  wanted: readonly string[],
  isAll: boolean,
): Promise<Onboarding> {
  const ready = new Set<string>()
  let failure: OauthError | undefined
  for (const id of wanted) {
    conversation.say(`Making the project ${id} ready …`)
    try {
      await enableService(session, id)
      ready.add((await onboardIn(session, id)) ?? id)
    } catch (error) {
      if (!isAll || !(error instanceof OauthError) || error.code === 'cancelled') throw error
      failure = error
      conversation.say(`The project ${id} is left out. ${error.message}`)
    }
  }
  if (ready.size === 0 && failure) throw failure
  return { project_id: [...ready].join(','), auto: false, checked: true }
}

/** The project that Code Assist is used in; undefined when the person has to name one. */
async function onboardIn(session: GoogleSession, wanted: string | undefined): Promise<string | undefined> {
  const named = wanted === undefined ? {} : { cloudaicompanionProject: wanted }
  const metadata = wanted === undefined ? METADATA : { ...METADATA, duetProject: wanted }
  const loaded = await askCodeAssist(session, 'loadCodeAssist', { ...named, metadata })
  const current = readObject(loaded['currentTier'])
  const known = projectIn(loaded)
  if (current && known !== undefined && (wanted === undefined || wanted === known)) return known
  const tierId = readText(current?.['id']) ?? defaultTierOf(loaded)
  // Whoever has a tier that Google gives no project for must name one.
  if (wanted === undefined && (current !== undefined || tierId !== FREE_TIER)) {
    refuseIneligible(loaded)
    return undefined
  }
  const isNamed = tierId !== FREE_TIER
  const request = { tierId, metadata: isNamed ? metadata : METADATA, ...(isNamed ? named : {}) }
  const finished = await awaitOnboarding(session, request)
  const project = projectIn(readObject(finished['response']) ?? {}) ?? wanted
  if (project === undefined) refuseIneligible(loaded)
  return project
}

async function awaitOnboarding(session: GoogleSession, request: Fields): Promise<Fields> {
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    if (polls > 0) await sleepIn(session.context, POLL_MS)
    const operation = await askCodeAssist(session, 'onboardUser', request)
    if (operation['done'] !== true) continue
    const error = readObject(operation['error'])
    if (!error) return operation
    throw new OauthError(
      `${session.title} cannot be used: ${cleanText(readText(error['message']) ?? 'no reason given', [])}`,
    )
  }
  throw new OauthError(
    `${session.title} is still being set up by Google. Run \`${loginCommand('gemini')}\` again in a while.`,
  )
}

async function askCodeAssist(session: GoogleSession, method: string, body: Fields): Promise<Fields> {
  const { client } = session.context
  const base = client.baseUrl === undefined || client.authUrl !== undefined ? undefined : `${client.baseUrl}/v1internal`
  const url = base ?? endpointFor(GOOGLE_CODE_ASSIST_URL, session.context)
  return await askGoogle(session, `${url}:${method}`, method, body)
}

/** Google writes an id or an object with one. */
function projectIn({ cloudaicompanionProject: project }: Fields): string | undefined {
  return readText(project) ?? readText(readObject(project)?.['id'])
}

function defaultTierOf({ allowedTiers }: Fields): string {
  const tier = readObjects(allowedTiers).find(({ isDefault }) => isDefault === true)
  return readText(tier?.['id']) ?? LEGACY_TIER
}

/** @throws {OauthError} with Google's reasons, when it says that no tier is for this person and offers none. */
function refuseIneligible({ ineligibleTiers, allowedTiers, currentTier }: Fields): void {
  if (currentTier !== undefined || readObjects(allowedTiers).length > 0) return
  const reasons = readObjects(ineligibleTiers).map(({ reasonMessage, validationUrl }) =>
    [readText(reasonMessage), readText(validationUrl)].filter((word) => word !== undefined).join(' '),
  )
  const told = cleanText(reasons.filter((reason) => reason !== '').join('; '), [])
  if (told !== '') throw new OauthError(`Gemini Code Assist is not open to this Google account: ${told}`)
}
