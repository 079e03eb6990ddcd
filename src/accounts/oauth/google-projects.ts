import { readObjects, readText, type Fields } from '../../lib/json.ts'
import { GOOGLE_PROJECTS_URL, GOOGLE_SERVICES_URL } from '../oauth-clients.ts'
import { askVendor, askWithJson, endpointFor, isGood, refusalFrom, type Answer } from './ask.ts'
import { OauthError } from './oauth-error.ts'
import type { LoginConversation, VendorContext } from './vendor.ts'

/** The API that Code Assist is billed to. */
const SERVICE = 'cloudaicompanion.googleapis.com'
const PAGES_MAX = 20
const ASKED_MAX = 5

/** A project of the person's at Google Cloud. */
export interface GoogleProject {
  readonly id: string
  readonly name?: string
}

/** What Google is asked with, once the person has agreed. */
export interface GoogleSession {
  readonly title: string
  readonly accessToken: string
  readonly context: VendorContext
}

/**
 * The person's projects, those that are being deleted not among them.
 *
 * @throws {OauthError}
 * @see https://cloud.google.com/resource-manager/reference/rest/v1/projects/list
 */
export async function listProjects(session: GoogleSession): Promise<readonly GoogleProject[]> {
  const projects: GoogleProject[] = []
  let page: string | undefined
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const url = endpointFor(GOOGLE_PROJECTS_URL, session.context)
    const fields = await askGoogle(session, page ? `${url}?pageToken=${encodeURIComponent(page)}` : url, 'the projects')
    for (const { projectId, name, lifecycleState } of readObjects(fields['projects'])) {
      const id = readText(projectId)
      const isActive = lifecycleState === undefined || lifecycleState === 'ACTIVE'
      if (id !== undefined && isActive) projects.push({ id, name: readText(name) })
    }
    page = readText(fields['nextPageToken'])
    if (page === undefined) break
  }
  return projects
}

/** Asks the person which; ids that were chosen. Undefined when there is nobody to ask. */
export async function chooseProjects(
  projects: readonly GoogleProject[],
  conversation: LoginConversation,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  for (const [at, { id, name }] of projects.entries()) {
    conversation.say(`[${at + 1}] ${id}${name === undefined ? '' : ` (${name})`}`)
  }
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    const text = (
      await conversation.ask('Which project? Its number or id, several with commas, or ALL: ', signal)
    )?.trim()
    if (text === undefined) return undefined
    if (text.toUpperCase() === 'ALL') return projects.map(({ id }) => id)
    const chosen = splitIds(text).map((word) => (/^\d+$/.test(word) ? projects[Number(word) - 1]?.id : word))
    const known = chosen.filter((id) => id !== undefined && projects.some((project) => project.id === id))
    if (chosen.length > 0 && known.length === chosen.length) return known.filter((id) => id !== undefined)
    conversation.say('That is none of them.')
  }
  return undefined
}

/** Ids of a list with commas, each once. */
export function splitIds(text: string): readonly string[] {
  const ids = text.split(',').map((id) => id.trim())
  return [...new Set(ids.filter((id) => id !== ''))]
}

/**
 * Turns the API on that Code Assist needs, where it is off.
 *
 * @throws {OauthError} when the person may not do so.
 * @see https://cloud.google.com/service-usage/docs/reference/rest/v1/services/enable
 */
export async function enableService(session: GoogleSession, projectId: string): Promise<void> {
  const { title, accessToken, context } = session
  const services = endpointFor(GOOGLE_SERVICES_URL, context)
  const url = `${services}/${encodeURIComponent(projectId)}/services/${SERVICE}`
  const headers = { authorization: `Bearer ${accessToken}` }
  const known = await askVendor({ title, url, method: 'GET', headers }, context)
  if (isGood(known) && known.fields['state'] === 'ENABLED') return
  const answer = await askWithJson({ title, url: `${url}:enable`, headers }, {}, context)
  if (isGood(answer) || isEnabledAlready(answer)) return
  const refusal = refusalFrom(answer, {
    title,
    what: `to turn on ${SERVICE} in the project ${projectId}`,
    secrets: [accessToken],
    now: context.clock(),
  })
  throw new OauthError(
    `${refusal.message}. Turn it on at https://console.cloud.google.com/apis/library/${SERVICE}?project=${projectId}`,
    { status: answer.status, code: refusal.code },
  )
}

function isEnabledAlready({ status, fields }: Answer): boolean {
  return (
    status === 400 &&
    JSON.stringify(fields ?? {})
      .toLowerCase()
      .includes('already enabled')
  )
}

/** A JSON object from one of Google's APIs; with a body it is posted. @throws {OauthError} */
export async function askGoogle(
  { title, accessToken, context }: GoogleSession,
  url: string,
  what: string,
  body?: Fields,
): Promise<Fields> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const answer = body
    ? await askWithJson({ title, url, headers }, body, context)
    : await askVendor({ title, url, method: 'GET', headers }, context)
  if (isGood(answer)) return answer.fields
  throw refusalFrom(answer, { title, what, secrets: [accessToken], now: context.clock() })
}
