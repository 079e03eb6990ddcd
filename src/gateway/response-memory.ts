import { detachText } from '../lib/detached-text.ts'
import { fieldText, scanFields } from '../lib/json-scan.ts'
import type { ResponseStore } from '../state/response-store.ts'
import type { KeptResponse } from '../state/response-table.ts'
import type { Demand } from './demand.ts'

/** The store as the edge sees it. */
export type SharedResponses = ResponseStore

/** Nothing is kept. */
export const NO_RESPONSES: SharedResponses = {
  isOn: () => false,
  keep: () => undefined,
  find: () => Promise.resolve(undefined),
  findByItem: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(false),
  close: () => Promise.resolve(),
}

/** The answers that one client's requests may build on. */
export interface ResponseMemory {
  /** True when the answer to this demand is to be kept. */
  keeps(demand: Demand): boolean
  keep(demand: Pick<Demand, 'fields' | 'client'>, read: () => KeptResponse | undefined): void
  find(client: string, id: string): Promise<KeptResponse | undefined>
  findByItem(client: string, itemId: string): Promise<KeptResponse | undefined>
  /** Nobody else can know an answer that is not known here. */
  readonly isWhole: boolean
}

/** What the shared store knows; the vendor that made an answer may know others. */
export function createSharedMemory(store: SharedResponses): ResponseMemory {
  return {
    keeps: (demand) => store.isOn() && isStored(demand),
    keep: ({ client }, read) => store.keep(client, read),
    find: (client, id) => store.find(client, id),
    findByItem: (client, id) => store.findByItem(client, id),
    isWhole: false,
  }
}

/** The memory of one connection, which also knows what is not to be stored. */
export interface ConnectionMemory extends ResponseMemory {
  /** Keeps an answer that no upstream gave. */
  add(kept: KeptResponse): void
  /** Id of the newest answer. */
  readonly newest: () => string | undefined
  /** Forgets everything, and keeps nothing any more. */
  close(): void
}

/** What all connections hold together. */
export interface HeldTexts {
  chars: number
}

/** How many connections may hold as much as one may, before each forgets all but its newest answer. */
const FULL_CONNECTIONS_MAX = 4

/**
 * @param charsMax of all texts together; beyond it the oldest answers are forgotten.
 * @param held by this connection and the others.
 */
export function createConnectionMemory(
  store: SharedResponses,
  charsMax: () => number,
  held: HeldTexts = { chars: 0 },
): ConnectionMemory {
  const known = new Map<string, KeptResponse>()
  let total = 0
  let newest: string | undefined
  let isClosed = false
  const count = (chars: number): void => {
    total += chars
    held.chars += chars
  }
  const forget = (id: string, kept: KeptResponse): void => {
    known.delete(id)
    count(-sizeOf(kept))
  }
  const isOver = (): boolean => total > charsMax() || (known.size > 1 && held.chars > charsMax() * FULL_CONNECTIONS_MAX)
  const add = (kept: KeptResponse): void => {
    if (isClosed) return
    const before = known.get(kept.id)
    if (before) forget(kept.id, before)
    known.set(kept.id, kept)
    newest = kept.id
    count(sizeOf(kept))
    for (const [id, oldest] of known) {
      if (!isOver()) break
      forget(id, oldest)
    }
  }
  return {
    add,
    close() {
      isClosed = true
      for (const [id, kept] of known) forget(id, kept)
    },
    newest: () => newest,
    keeps: () => true,
    keep(demand, read) {
      const kept = read()
      if (!kept) return
      add({
        ...kept,
        input: detachText(kept.input),
        answer: detachText(outputAlone(kept.answer)),
        items: kept.items.map(detachText),
      })
      if (store.isOn() && isStored(demand)) store.keep(demand.client, () => kept)
    },
    find: async (client, id) => known.get(id) ?? (await store.find(client, id)),
    async findByItem(client, id) {
      for (const kept of known.values()) if (kept.items.includes(id)) return kept
      return await store.findByItem(client, id)
    },
    isWhole: true,
  }
}

/** An answer without what it repeats of its request: tools and instructions, with every answer anew. */
function outputAlone(answer: string): string {
  const fields = scanFields(answer)?.fields
  const output = fields && fieldText(answer, fields, 'output')
  return output === undefined ? answer : `{"output":${output}}`
}

/** False when the client does not want it. */
function isStored({ fields }: Pick<Demand, 'fields'>): boolean {
  return fields['store'] !== false
}

function sizeOf({ input, answer }: KeptResponse): number {
  return input.length + answer.length
}
