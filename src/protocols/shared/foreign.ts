import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import { type Extras, type Protocol, PROTOCOLS } from '../../ir/protocol.ts'
import type { ModelRequest } from '../../ir/request.ts'

/**
 * Tells the extras of other protocols as lost, as each encoder leaves them out. What a codec keeps for itself alone
 * begins with a dollar, and is no loss.
 *
 * @param carried names of fields that found another way.
 */
export function tellForeignExtras(
  extras: Extras | undefined,
  own: Protocol,
  path: string,
  onLoss: OnLoss,
  carried?: JsonObject,
): void {
  if (!extras) return
  for (const protocol of PROTOCOLS) {
    if (protocol === own) continue
    for (const field in extras[protocol])
      if (!field.startsWith('$') && carried?.[field] === undefined)
        onLoss({ path: `${path}.${protocol}.${field}`, reason: 'foreign-field' })
  }
}

/**
 * Refuses a request that builds on what another protocol's vendor keeps for its client: without it the question would
 * be another one. Every encoder asks this first.
 *
 * @throws {Fault} the refusal that the request's own decoder has for it.
 */
export function refuseBound({ bound }: Pick<ModelRequest, 'bound'>, own: Protocol): void {
  if (bound && bound.protocol !== own) throw bound.refusal
}
