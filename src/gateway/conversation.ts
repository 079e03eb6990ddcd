import { Fault } from '../ir/fault.ts'
import { type Fields, readObjects, readText } from '../lib/json.ts'
import type { KeptResponse } from '../state/response-table.ts'
import type { Answer, PendingAnswer } from './answer.ts'
import { withFields, type Demand } from './demand.ts'
import { listenTo, namePrevious, readKept, type Told } from './keep-answer.ts'
import { outputOf, replayedInput, replayedItem } from './history.ts'
import type { ResponseMemory } from './response-memory.ts'

/** Lets requests of the Responses API build on earlier answers, whoever gave those and whoever is asked now. */
export interface Conversations {
  /**
   * The demand with all that it builds on written out; the same one when it builds on nothing that is known here.
   *
   * @throws {Fault} invalid-request when it names an answer that nobody else can know either; too-large.
   */
  resume(demand: Demand): Demand | Promise<Demand>
  /** The answer to a demand, kept when it is over. @param asked as it was before it was resumed. */
  keep(asked: Demand, demand: Demand, pending: PendingAnswer): PendingAnswer
}

/** Answers that one conversation may build on: each is a read of its own. */
const LINKS_MAX = 2000

/** How much longer answers may be than what is written out of them: they repeat their requests' tools. */
const ANSWER_SHARE = 8

/** @param charsMax of a conversation that is written out. */
export function createConversations(memory: ResponseMemory, charsMax: () => number): Conversations {
  return {
    resume(demand) {
      const previous = previousOf(demand)
      if (previous !== undefined) return resume(demand, previous, memory, charsMax())
      return demand.text.includes(REFERENCE) ? resolve(demand, memory) : demand
    },
    keep(asked, demand, pending) {
      const isKept = memory.keeps(asked)
      const previous = previousOf(asked)
      const rewrite = demand !== asked && previous !== undefined ? namePrevious(previous) : undefined
      if (!isKept && !rewrite) return pending
      const read = (told: Told): KeptResponse | undefined => {
        const kept = readKept(asked, previous, told)
        // Some vendors give all their answers one id: then the whole conversation stands under it.
        return kept && kept.id === previous ? readKept(demand, undefined, told) : kept
      }
      const listen = (answer: Answer): Answer =>
        listenTo(answer, (told) => isKept && memory.keep(asked, () => read(told)), rewrite)
      return { ...pending, answer: pending.answer.then(listen) }
    },
  }
}

/** How clients name an item that the vendor keeps. */
const REFERENCE = '"item_reference"'

/** Id of the answer that a demand builds on. */
export function previousOf({ fields }: Demand): string | undefined {
  return readText(fields['previous_response_id'])
}

async function resume(demand: Demand, previous: string, memory: ResponseMemory, charsMax: number): Promise<Demand> {
  const links = await linksTo(previous, demand, memory, charsMax)
  if (!links) {
    if (memory.isWhole) throw unknownPrevious(previous)
    return demand
  }
  const { input } = demand.whole()
  const items = await withItems(replayedInput(links, input), demand, memory)
  const resumed = withInput(demand, items)
  if (resumed.text.length > charsMax) throw tooLong(previous)
  return resumed
}

/** The answers that lead to this one, the oldest first; undefined when one of them is not known. */
async function linksTo(
  previous: string,
  { client }: Demand,
  memory: ResponseMemory,
  charsMax: number,
): Promise<readonly KeptResponse[] | undefined> {
  const links: KeptResponse[] = []
  let chars = 0
  for (let id: string | undefined = previous; id !== undefined;) {
    const link: KeptResponse | undefined = await memory.find(client, id)
    if (!link || links.includes(link)) return undefined
    links.push(link)
    chars += link.input.length + link.answer.length
    if (chars > charsMax * ANSWER_SHARE || links.length > LINKS_MAX) throw tooLong(previous)
    id = link.previous
  }
  return links.toReversed()
}

async function resolve(demand: Demand, memory: ResponseMemory): Promise<Demand> {
  const { input } = demand.whole()
  if (!Array.isArray(input)) return demand
  const items = readObjects(input)
  const resolved = await withItems(items, demand, memory)
  return resolved === items ? demand : withInput(demand, resolved)
}

/** The items with those that are named in place of their names; the very same list when none of them is known. */
async function withItems(
  items: readonly Fields[],
  { client }: Demand,
  memory: ResponseMemory,
): Promise<readonly Fields[]> {
  let resolved: Fields[] | undefined
  for (const [at, { type, id }] of items.entries()) {
    const name = type === 'item_reference' ? readText(id) : undefined
    const kept = name === undefined ? undefined : await memory.findByItem(client, name)
    const named = kept && outputOf(kept).find((item) => item['id'] === name)
    if (!named) continue
    resolved ??= [...items]
    resolved[at] = replayedItem(named) ?? NOTHING
  }
  return resolved?.filter((item) => item !== NOTHING) ?? items
}

/** In the place of an item that says nothing to anybody. */
const NOTHING: Fields = {}

function withInput(demand: Demand, input: readonly Fields[]): Demand {
  return { ...withFields(demand, { previous_response_id: undefined, input }), asked: demand.fields }
}

/** What a client is told that builds on an answer which nobody who is asked can know. */
export function unknownPrevious(id: string): Fault {
  return new Fault(
    'invalid-request',
    `Previous response with id '${id}' not found. Send the whole conversation in input, without previous_response_id.`,
    { code: 'previous_response_not_found', param: 'previous_response_id' },
  )
}

function tooLong(id: string): Fault {
  return new Fault(
    'too-large',
    `The conversation up to '${id}' is too long to be written out: compact it, or raise body-limit-mb in the proxy's config.`,
    { param: 'previous_response_id' },
  )
}
