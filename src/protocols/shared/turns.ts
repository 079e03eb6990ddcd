import type { OnLoss } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { Part, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'

/**
 * The turns, mended so that vendors which insist on paired tool calls take them. Afterwards
 *
 * - every call has an id, and no other call has the same one;
 * - every result stands once in the user turn right after its call's assistant turns, before all other parts, in the
 *   order in which the client gave them; of several results for one call the last content counts;
 * - every call has a result, an empty one if need be, unless nothing was said after it;
 * - a result without a call is left out and told as `orphan-tool-result`.
 *
 * Calls and results without ids are matched by order and name. The very same array when there is nothing to mend.
 */
export function pairToolCalls(turns: readonly Turn[], onLoss: OnLoss): readonly Turn[] {
  return isPaired(turns) ? turns : writePairs(turns, readPairs(turns, onLoss))
}

/** The turns with adjacent ones of the same role (or only of the one named) joined; the very same array when there are none. */
export function mergeNeighbours(turns: readonly Turn[], only?: Turn['role']): readonly Turn[] {
  const isJoined = ({ role }: Turn, before: Turn | undefined): boolean =>
    role === before?.role && (only === undefined || role === only)
  if (!turns.some((turn, index) => isJoined(turn, turns[index - 1]))) return turns
  const merged: Turn[] = []
  for (const turn of turns) {
    const last = merged.at(-1)
    if (!last || !isJoined(turn, last)) merged.push(turn)
    else
      merged[merged.length - 1] = {
        ...last,
        parts: [...last.parts, ...turn.parts],
        extras: mergeExtras(last.extras, turn.extras),
      }
  }
  return merged
}

function isPaired(turns: readonly Turn[]): boolean {
  const seen = new Set<string>()
  /** Ids of the calls that wait for a result. */
  const open = new Set<string>()
  let before: Turn['role'] | undefined
  for (const { role, parts } of turns) {
    if (role === 'assistant') {
      for (const part of parts) {
        if (part.type === 'tool-result') return false
        if (part.type !== 'tool-call') continue
        if (part.id === '' || seen.has(part.id)) return false
        seen.add(part.id)
        open.add(part.id)
      }
    } else {
      let isLate = before !== 'assistant'
      for (const part of parts) {
        if (part.type !== 'tool-result') isLate = true
        else if (isLate || !open.delete(part.callId)) return false
      }
      if (open.size > 0) return false
    }
    before = role
  }
  return true
}

/** A call with all that is known of it. */
interface Pair {
  readonly call: ToolCallPart
  readonly id: string
  /** Index of the last assistant turn in the row of assistant turns that the call stands in. */
  row: number
  result?: ToolResultPart
}

interface Pairs {
  readonly byCall: ReadonlyMap<ToolCallPart, Pair>
  /** The pairs of each row, in the order in which they were answered, then the unanswered ones. */
  readonly byRow: ReadonlyMap<number, readonly Pair[]>
}

function readPairs(turns: readonly Turn[], onLoss: OnLoss): Pairs {
  const freshId = createIds(turns)
  const pairs: Pair[] = []
  const answered: Pair[] = []
  const seen = new Set<string>()
  for (const [index, { role, parts }] of turns.entries()) {
    for (const [at, part] of parts.entries()) {
      if (part.type === 'tool-call' && role === 'assistant') {
        const id = part.id === '' || seen.has(part.id) ? freshId(pairs.length) : part.id
        seen.add(part.id)
        pairs.push({ call: part, id, row: rowEnd(turns, index) })
      } else if (part.type === 'tool-result') {
        const pair = findCall(pairs, part)
        if (!pair) onLoss({ path: `turns.${index}.parts.${at}`, reason: 'orphan-tool-result' })
        else {
          if (!pair.result) answered.push(pair)
          pair.result = part
        }
      }
    }
  }
  return {
    byCall: new Map(pairs.map((pair) => [pair.call, pair])),
    byRow: Map.groupBy([...answered, ...pairs.filter((pair) => !pair.result)], (pair) => pair.row),
  }
}

/** The call that a result answers: of that id, the one that waits longest in the latest row, else the latest one. */
function findCall(pairs: readonly Pair[], { callId, name }: ToolResultPart): Pair | undefined {
  if (callId !== '') {
    const latest = pairs.findLast(({ call }) => call.id === callId)
    if (latest)
      return pairs.find(({ call, row, result }) => call.id === callId && row === latest.row && !result) ?? latest
  }
  return pairs.find(
    ({ call, result }) =>
      !result && (callId === '' || call.id === '') && (name === undefined || name === '' || call.name === name),
  )
}

function rowEnd(turns: readonly Turn[], index: number): number {
  while (turns[index + 1]?.role === 'assistant') index++
  return index
}

/** Ids that nobody in the conversation uses, the same ones whenever it is sent again. */
function createIds(turns: readonly Turn[]): (ordinal: number) => string {
  const taken = new Set<string>()
  for (const { parts } of turns) {
    for (const part of parts) {
      if (part.type === 'tool-call') taken.add(part.id)
      else if (part.type === 'tool-result') taken.add(part.callId)
    }
  }
  return (ordinal) => {
    let id = `call_${ordinal}`
    while (taken.has(id)) id += 'x'
    taken.add(id)
    return id
  }
}

function writePairs(turns: readonly Turn[], { byCall, byRow }: Pairs): readonly Turn[] {
  const mended: Turn[] = []
  for (const [index, turn] of turns.entries()) {
    const before = byRow.get(index - 1) ?? []
    const isLast = index === turns.length - 1
    if (turn.role === 'assistant') {
      const parts = turn.parts.filter((part) => part.type !== 'tool-result').map((part) => renameCall(part, byCall))
      if (parts.length > 0 || turn.parts.length === 0) mended.push({ ...turn, parts })
      // Results of the very last turns' calls can only stand in them; a user turn of their own follows.
      if (isLast) mended.push(...resultTurn((byRow.get(index) ?? []).filter((pair) => pair.result)))
      continue
    }
    if (turn.role === 'system') mended.push(...resultTurn(before))
    const results = turn.role === 'user' ? before.map(resultOf) : []
    const others = turn.parts.filter((part) => part.type !== 'tool-result')
    const parts =
      results.length > 0 ? [...results, ...others] : others.length === turn.parts.length ? turn.parts : others
    if (parts.length > 0 || turn.parts.length === 0) mended.push(parts === turn.parts ? turn : { ...turn, parts })
  }
  return mended
}

function renameCall(part: Part, byCall: Pairs['byCall']): Part {
  if (part.type !== 'tool-call') return part
  const id = byCall.get(part)?.id
  return id === undefined || id === part.id ? part : { ...part, id }
}

function resultTurn(pairs: readonly Pair[]): readonly Turn[] {
  return pairs.length > 0 ? [{ role: 'user', parts: pairs.map(resultOf) }] : []
}

function resultOf({ call, id, result }: Pair): ToolResultPart {
  if (!result) return { type: 'tool-result', callId: id, name: call.name, kind: call.kind, content: [] }
  return result.callId === id ? result : { ...result, callId: id }
}
