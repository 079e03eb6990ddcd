import { Elysia, type AnyElysia } from 'elysia'
import type { LoginBook } from '../accounts/login-book.ts'
import type { Config } from '../config/config.ts'
import type { Pool } from '../pool/pool.ts'
import { createManagementAccess, type Refusal } from './access.ts'
import { authFilesOf } from './auth-files.ts'

export interface ManagementOptions {
  readonly config: () => Pick<Config, 'management' | 'accounts'>
  readonly logins: Pick<LoginBook, 'rows'>
  readonly pool: Pick<Pool, 'standings'>
  /** Only this machine reaches the server. */
  readonly isLoopback: boolean
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

const ROOT = '/v0/management'

/**
 * The management API, as far as it is served: how each account stands. It is there only while the config or the
 * environment has a key for it.
 */
export function managementRoutes(options: ManagementOptions): AnyElysia {
  const { config, logins, pool, isLoopback, clock } = options
  const access = createManagementAccess({ config: () => config().management, clock })
  const guarded = async (request: Request, address: string | undefined, answer: () => Response): Promise<Response> => {
    const refusal = await access.judge(request, isLoopback ? '127.0.0.1' : (address ?? ''))
    return refusal ? refuse(refusal) : answer()
  }
  return new Elysia()
    .get(`${ROOT}/auth-files`, ({ request, server, query }) =>
      guarded(request, server?.requestIP(request)?.address, () => {
        // One whose time is over is asked again with the next request.
        const standings = pool.standings().filter(({ standing }) => standing.until > clock())
        const files = authFilesOf({ logins: logins.rows(), accounts: config().accounts, standings })
        const { name, auth_index: index } = query
        const isWanted = (file: (typeof files)[number]): boolean =>
          (name === undefined || file.name === name) && (index === undefined || file.auth_index === index)
        return Response.json({ files: files.filter(isWanted) })
      }),
    )
    .all(`${ROOT}/*`, ({ request, server }) =>
      guarded(request, server?.requestIP(request)?.address, () =>
        refuse({ status: 404, error: `this is not served: of the management API only GET ${ROOT}/auth-files is` }),
      ),
    )
}

function refuse({ status, error }: Refusal): Response {
  return Response.json({ error }, { status })
}
