import type { VendorId } from '../../../src/accounts/oauth/vendor.ts'
import { parseObject, readText } from '../../../src/lib/json.ts'
import { openGoogle, type GoogleWorld } from './google.ts'
import { openGrants, type Grants, type Reply } from './grants.ts'
import { RULES, type VendorRules } from './rules.ts'

/** One request that a stand-in got. */
export interface VendorCall {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Headers
  readonly text: string
}

type Script = (call: VendorCall) => Response | undefined | Promise<Response | undefined>

/** A vendor's authorization server on this machine, as strict as the real one. Configure it as `auth-url`. */
export interface VendorStandIn extends Pick<Grants, 'isAccess' | 'issue' | 'revoke' | 'expireDevices'> {
  readonly id: VendorId
  /** Without a trailing slash. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret?: string
  readonly calls: readonly VendorCall[]
  /** Everything it gave out or was sent that must appear nowhere else. */
  readonly secrets: ReadonlySet<string>
  /** Does what a person does who agrees: opens the page. Gives the address that the browser is sent to, and goes not there. */
  consent(authorizeUrl: string): Promise<string>
  /** The same of a person who says no. */
  deny(authorizeUrl: string): Promise<string>
  /** A person's word on the code that a terminal shows. */
  confirm(userCode: string): void
  refuse(userCode: string): void
  /** Answers the next request to the token endpoint that nothing is planned for; undefined: as it would anyway. */
  next(...scripts: readonly Script[]): void
  stop(): Promise<void>
}

export interface VendorStandInOptions {
  readonly google?: Partial<GoogleWorld>
  /** In place of the vendor's. */
  readonly rules?: Partial<VendorRules>
}

const ANN: GoogleWorld = {
  email: 'ann@example.com',
  defaultTier: 'free-tier',
  assignedProject: 'assigned-1',
  projects: {},
}

export async function startVendor(id: VendorId, options: VendorStandInOptions = {}): Promise<VendorStandIn> {
  const calls: VendorCall[] = []
  const planned: Script[] = []
  const google = id === 'gemini' ? openGoogle({ ...ANN, ...options.google }) : undefined
  const rules: VendorRules = { ...RULES[id], ...options.rules }
  const grants = await openGrants(rules)
  const { secrets, isAccess, issue, revoke, expireDevices, judge } = grants
  const { clientId, clientSecret } = rules
  if (clientSecret !== undefined) secrets.add(clientSecret)
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request): Promise<Response> {
      const { pathname, search, origin } = new URL(request.url)
      const { method, headers } = request
      const call = { method, path: pathname + search, headers, text: await request.text() }
      calls.push(call)
      const script = pathname === rules.paths.token ? planned.shift() : undefined
      return (await script?.(call)) ?? (await answer(call, { id, rules, grants, google, url: origin }))
    },
  })
  return {
    id,
    url: `http://127.0.0.1:${server.port}`,
    clientId,
    clientSecret,
    calls,
    secrets,
    isAccess,
    issue,
    revoke,
    expireDevices,
    consent: (authorizeUrl) => openPage(authorizeUrl, 'yes'),
    deny: (authorizeUrl) => openPage(authorizeUrl, 'no'),
    confirm: (userCode) => judge(userCode, true),
    refuse: (userCode) => judge(userCode, false),
    next: (...scripts) => void planned.push(...scripts),
    stop: () => server.stop(true),
  }
}

async function openPage(authorizeUrl: string, person: string): Promise<string> {
  const response = await fetch(authorizeUrl, { redirect: 'manual', headers: { 'x-person': person } })
  const location = response.headers.get('location')
  if (location === null) throw new Error(`the vendor refused: ${await response.text()}`)
  return location
}

interface World {
  readonly id: VendorId
  readonly rules: VendorRules
  readonly grants: Grants
  readonly google: ReturnType<typeof openGoogle> | undefined
  readonly url: string
}

async function answer(call: VendorCall, { id, rules, grants, google, url }: World): Promise<Response> {
  const { method, path, headers, text } = call
  const [pathname, query] = path.split('?')
  const { paths } = rules
  if (pathname === paths.authorize && method === 'GET') {
    const target = grants.authorize(new URLSearchParams(query), headers.get('x-person') === 'no')
    if (typeof target === 'string') return new Response(target, { status: 400 })
    return new Response(null, { status: 302, headers: { location: target.href } })
  }
  const missing = rules.headers?.find((name) => !headers.has(name))
  if (missing !== undefined)
    return Response.json({ error: 'invalid_request', error_description: missing }, { status: 400 })
  if (method === 'POST' && (pathname === paths.token || pathname === paths.device)) {
    const parameters = readParameters(call, pathname === paths.token ? rules.bodies : 'form')
    if (!parameters) return json({ status: 415, body: { error: 'invalid_request' } })
    return json(pathname === paths.token ? await grants.token(parameters) : grants.device(parameters))
  }
  if (id === 'xai' && pathname === '/.well-known/openid-configuration') return Response.json(discovery(url, rules))
  if (id === 'codex' && pathname?.startsWith('/api/accounts/deviceauth/'))
    return json(codexDevice(pathname, text, { grants, url }))
  const bearer = headers.get('authorization')?.replace(/^Bearer /, '') ?? ''
  if (!grants.isAccess(bearer)) return json({ status: 401, body: { error: { message: 'no access' } } })
  if (id === 'claude' && pathname === '/api/oauth/profile') {
    const account = { uuid: 'account-1', email: 'ann@example.com' }
    return Response.json({
      account,
      organization: { uuid: 'organization-1', name: 'Ann’s', organization_type: 'claude_max' },
    })
  }
  return json(google?.(method, path, text) ?? { status: 404, body: { error: { message: `nothing at ${path}` } } })
}

/** Undefined when the body is of the other kind. */
function readParameters({ headers, text }: VendorCall, bodies: 'form' | 'json'): URLSearchParams | undefined {
  const type = headers.get('content-type') ?? ''
  if (bodies === 'form') return type.includes('x-www-form-urlencoded') ? new URLSearchParams(text) : undefined
  const fields = type.includes('application/json') ? parseObject(text) : undefined
  return (
    fields &&
    new URLSearchParams(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])))
  )
}

function discovery(url: string, { paths }: VendorRules) {
  return {
    issuer: url,
    token_endpoint: `${url}${paths.token}`,
    device_authorization_endpoint: `${url}${paths.device}`,
  }
}

function codexDevice(pathname: string, text: string, { grants, url }: Pick<World, 'grants' | 'url'>): Reply {
  const fields = parseObject(text) ?? {}
  if (pathname.endsWith('/usercode')) {
    const { status, body } = grants.device(new URLSearchParams({ client_id: String(fields['client_id']) }))
    if (status !== 200) return { status, body }
    const { device_code, user_code } = JSON.parse(JSON.stringify(body)) as Record<string, string>
    return { status: 200, body: { device_auth_id: device_code, user_code, interval: '5' } }
  }
  const made = grants.codeFor(readText(fields['user_code']) ?? '', `${url}/deviceauth/callback`)
  if (!made || !readText(fields['device_auth_id'])) return { status: 403, body: { error: { message: 'pending' } } }
  return {
    status: 200,
    body: { authorization_code: made.code, code_verifier: made.verifier, code_challenge: made.challenge },
  }
}

function json({ status, body }: Reply): Response {
  return Response.json(body, { status })
}
