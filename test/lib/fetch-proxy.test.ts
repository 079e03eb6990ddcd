import { afterAll, beforeAll, expect, test } from 'bun:test'
import { fetchProxyFor } from '../../src/lib/fetch-proxy.ts'

const say = (text: string) => Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(text) })
const target = say('the target')
const environments = say('the environment’s proxy')
const own = say('a proxy of its own')

const before = process.env['HTTP_PROXY']
beforeAll(() => {
  process.env['HTTP_PROXY'] = environments.url.origin
})
afterAll(async () => {
  if (before === undefined) delete process.env['HTTP_PROXY']
  else process.env['HTTP_PROXY'] = before
  await Promise.all([target.stop(true), environments.stop(true), own.stop(true)])
})

test.each([
  [undefined, 'the environment’s proxy'],
  ['direct', 'the target'],
  [own.url.origin, 'a proxy of its own'],
])('a proxy that is %p leads to %s', async (proxyUrl, expected) => {
  const response = await fetch(target.url, { proxy: fetchProxyFor(proxyUrl) })
  expect(await response.text()).toBe(expected)
})
