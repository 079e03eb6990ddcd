import { expect, test } from 'bun:test'
import { collect, replay } from '../../../src/ir/collect.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { ModelResponse } from '../../../src/ir/response.ts'
import { parseObject, readObject } from '../../../src/lib/json.ts'
import { codeAssist } from '../../../src/protocols/gemini/code-assist.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'
import { contextFor } from '../../laws/context.ts'
import { runStage } from '../../laws/streams.ts'

const ANSWER: ModelResponse = { parts: [{ type: 'text', text: 'Hello' }], finish: { reason: 'stop' } }

test('a request is read from its envelope, without the CLI’s session', () => {
  const request = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }
  const wrapped = { model: 'm', project: 'p', request: { ...request, session_id: 's' } }
  expect(codeAssist.decodeRequest(wrapped)).toEqual(gemini.decodeRequest(request))
})

test.each([[undefined], [null], ['text'], [[]]])('an envelope that holds %j is refused', (request) => {
  expect(() => codeAssist.decodeRequest({ model: 'm', request })).toThrow('request: must be an object')
})

test('an answer stands in an envelope, whole and event by event', () => {
  const context = contextFor('m', [])
  const whole = codeAssist.encodeResponse(ANSWER, context)
  expect(gemini.decodeResponse(readObject(whole['response']) ?? {}).parts).toEqual(ANSWER.parts)
  const frames = runStage(codeAssist.streamEncoder(contextFor('m', [])), replay(ANSWER))
  const inner = frames.map(({ data }) => ({ data: JSON.stringify(parseObject(data)?.['response']) }))
  expect(collect(runStage(gemini.streamDecoder(), inner)).parts).toEqual(ANSWER.parts)
})

test('a fault has no envelope', () => {
  const [frame] = [
    ...codeAssist.streamEncoder(contextFor('m', [])).push({ type: 'fault', fault: new Fault('server', 'no') }),
  ]
  expect(parseObject(frame?.data ?? '')).toMatchObject({ error: { code: 500, message: 'no' } })
})
