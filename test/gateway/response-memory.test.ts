import { expect, test } from 'bun:test'
import { heapStats } from 'bun:jsc'
import { readKept } from '../../src/gateway/keep-answer.ts'
import { outputOf } from '../../src/gateway/history.ts'
import { createConnectionMemory, NO_RESPONSES, type ConnectionMemory } from '../../src/gateway/response-memory.ts'
import type { Demand } from '../../src/gateway/demand.ts'
import type { Fields } from '../../src/lib/json.ts'
import { scanFields } from '../../src/lib/json-scan.ts'

const MEGABYTE = 1024 * 1024

/** Only its fields are asked for. */
const DEMAND: Pick<Demand, 'fields' | 'client'> = { fields: { store: false }, client: '' }

function heapBytes(): number {
  Bun.gc(true)
  return heapStats().heapSize
}

test('a connection’s memory holds what is said again, and not the texts that it was cut from', () => {
  const memory = createConnectionMemory(NO_RESPONSES, () => MEGABYTE)
  const before = heapBytes()
  for (let at = 0; at < 30; at++) {
    const tools = JSON.stringify('t'.repeat(MEGABYTE) + at)
    const request = `{"tools":${tools},"input":[{"role":"user","content":"A question that is asked"}]}`
    const item = `{"type":"message","id":"msg_${at}_0123456789","content":"An answer that is given"}`
    const whole = `{"id":"resp_${at}","tools":${tools},"output":[${item}]}`
    const asked = { text: request, fields: {}, longFields: scanFields(request)?.fields }
    memory.keep(DEMAND, () => readKept(asked, undefined, { whole }))
  }
  expect(memory.newest()).toBe('resp_29')
  expect(heapBytes() - before).toBeLessThan(10 * MEGABYTE)
})

function messageItem(at: number, text: string): Fields {
  return { type: 'message', id: `msg_${at}`, content: text }
}

test('of a stream whose last event has no output, the items that were told before are kept in their order', () => {
  const told = [
    { type: 'response.output_item.done', output_index: 1, item: messageItem(1, 'response.completed') },
    { type: 'response.output_item.done', output_index: 0, item: messageItem(0, 'first') },
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
  ]
  const events = told.map((event) => `data: ${JSON.stringify(event)}\n\n`)
  const kept = readKept({ text: '{}', fields: {} }, undefined, { events })
  expect(kept).toMatchObject({ id: 'resp_1', input: '[]', items: ['msg_0', 'msg_1'] })
  expect(outputOf({ answer: kept?.answer ?? '' })).toEqual([
    messageItem(0, 'first'),
    messageItem(1, 'response.completed'),
  ])
})

/** An answer of 100 characters. */
function addTo(memory: ConnectionMemory, id: string): void {
  memory.add({ id, input: 'i'.repeat(50), answer: 'a'.repeat(50), items: [] })
}

test('a connection forgets its oldest answers beyond its room', async () => {
  const memory = createConnectionMemory(NO_RESPONSES, () => 300)
  for (const id of ['1', '2', '3', '4']) addTo(memory, id)
  expect(await memory.find('', '1')).toBeUndefined()
  expect(await memory.find('', '2')).toBeDefined()
})

test('many connections share their room, each keeps its newest answer, and gives back what it held', async () => {
  const held = { chars: 0 }
  const memories = Array.from({ length: 20 }, () => createConnectionMemory(NO_RESPONSES, () => 300, held))
  for (const id of ['1', '2', '3']) for (const memory of memories) addTo(memory, id)
  expect(held.chars).toBeLessThanOrEqual(2000)
  for (const memory of memories) expect(await memory.find('', '3')).toBeDefined()
  for (const memory of memories) memory.close()
  for (const memory of memories) addTo(memory, '4')
  expect(held.chars).toBe(0)
})
