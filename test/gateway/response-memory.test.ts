import { expect, test } from 'bun:test'
import { heapStats } from 'bun:jsc'
import { readKept } from '../../src/gateway/keep-answer.ts'
import { createConnectionMemory, NO_RESPONSES, type ConnectionMemory } from '../../src/gateway/response-memory.ts'
import type { Demand } from '../../src/gateway/demand.ts'

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
    memory.keep(DEMAND, () => readKept(request, undefined, { whole }))
  }
  expect(memory.newest()).toBe('resp_29')
  expect(heapBytes() - before).toBeLessThan(10 * MEGABYTE)
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
