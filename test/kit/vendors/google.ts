import { parseObject, readObject, readText } from '../../../src/lib/json.ts'
import type { Reply } from './grants.ts'

/** What Google knows of the person who logs in. */
export interface GoogleWorld {
  readonly email: string
  /** A tier that the person has already. */
  readonly currentTier?: string
  /** The tier that is offered first. */
  readonly defaultTier?: string
  /** The project that Google gives. */
  readonly assignedProject?: string
  /** The person's own, with whether the API is on there; `forbidden`: and may not be turned on. */
  readonly projects: Readonly<Record<string, 'on' | 'off' | 'forbidden'>>
  /** Answers of onboardUser before it is done. */
  readonly onboardingPolls?: number
  readonly ineligible?: string
}

/** Answers Google's APIs as far as a login asks them; undefined for other paths. */
export function openGoogle(world: GoogleWorld): (method: string, path: string, text: string) => Reply | undefined {
  const services = new Map(Object.entries(world.projects))
  let polls = 0
  return (method, path, text) => {
    const body = parseObject(text) ?? {}
    const project = readText(body['cloudaicompanionProject'])
    if (path === '/oauth2/v1/userinfo?alt=json') return { status: 200, body: { email: world.email } }
    if (path === '/v1internal:loadCodeAssist') return { status: 200, body: load(world, project) }
    if (path === '/v1internal:onboardUser') {
      const isFree = body['tierId'] === 'free-tier'
      if (isFree && project !== undefined) return failure(400, 'Precondition Failed')
      if (readObject(body['metadata'])?.['pluginType'] !== 'GEMINI') return failure(400, 'no metadata')
      if (polls++ < (world.onboardingPolls ?? 0)) return { status: 200, body: { name: 'operations/1', done: false } }
      const id = isFree ? world.assignedProject : project
      return { status: 200, body: { done: true, response: id ? { cloudaicompanionProject: { id } } : {} } }
    }
    if (path.startsWith('/v1/projects?') || path === '/v1/projects') return listing(world, path)
    const [, id = '', action] =
      /^\/v1\/projects\/([^/]+)\/services\/cloudaicompanion\.googleapis\.com(:enable)?$/.exec(path) ?? []
    const service = services.get(id)
    if (service === undefined) return undefined
    if (method === 'GET' && !action) return { status: 200, body: { state: service === 'on' ? 'ENABLED' : 'DISABLED' } }
    if (service === 'forbidden') return failure(403, 'Permission denied to enable service')
    services.set(id, 'on')
    return { status: 200, body: { done: true } }
  }
}

function load({ currentTier, defaultTier, assignedProject, ineligible }: GoogleWorld, project: string | undefined) {
  const known = currentTier === 'free-tier' ? assignedProject : project
  return {
    ...(currentTier ? { currentTier: { id: currentTier }, ...(known ? { cloudaicompanionProject: known } : {}) } : {}),
    ...(defaultTier ? { allowedTiers: [{ id: 'other-tier' }, { id: defaultTier, isDefault: true }] } : {}),
    ...(ineligible ? { ineligibleTiers: [{ reasonMessage: ineligible }] } : {}),
  }
}

/** One project a page. */
function listing({ projects }: GoogleWorld, path: string): Reply {
  const at = Number(new URLSearchParams(path.split('?')[1]).get('pageToken') ?? 0)
  const ids = [...Object.keys(projects), 'being-deleted']
  const id = ids[at]
  const lifecycleState = id === 'being-deleted' ? 'DELETE_REQUESTED' : 'ACTIVE'
  const next = at + 1 < ids.length ? { nextPageToken: String(at + 1) } : {}
  return { status: 200, body: { projects: [{ projectId: id, name: `Name of ${id}`, lifecycleState }], ...next } }
}

function failure(code: number, message: string): Reply {
  return { status: code, body: { error: { code, message, status: 'FAILED_PRECONDITION' } } }
}
