import { expect, test } from 'bun:test'
import { startProxy } from '../kit/proxy.ts'

test('a port that is taken is not shared', async () => {
  const first = startProxy()
  expect(() => startProxy({ port: first.port })).toThrow('in use')
  await first.stop()
})
