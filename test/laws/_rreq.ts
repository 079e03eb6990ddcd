import { CASES, othersOf } from './exchanges.ts'
import { missingFacts, requestFacts } from './facts.ts'
import { unacceptedFacts, unacceptedLosses, isRefusalAccepted, type Way } from './ledger.ts'
import { deepEquals } from 'bun'
const told = new Map<string, string[]>()
const add = (k: string, v: string) => told.set(k, [...(told.get(k) ?? []), v])
const show = (v: any) => JSON.stringify(v)
function diff(a: any, b: any, path = ''): string[] {
  if (Bun.deepEquals(a, b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b)
    return [`${path}: ${show(a)?.slice(0, 120)} → ${show(b)?.slice(0, 120)}`]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((k) => diff(a[k], b[k], `${path}.${k}`))
}
for (const { codec, exchange } of CASES) {
  const body: any = exchange.request.body
  if (!body) continue
  let req: any
  try {
    req = codec.decodeRequest(codec.protocol === 'anthropic' ? { model: 'claude', ...body } : body)
  } catch (e: any) {
    if (exchange.response.status < 400) add(`${codec.protocol} DECODE ${e.message}`, exchange.hex)
    continue
  }
  const over = (c: any, r: any, l: any[]) => {
    try {
      return c.decodeRequest(JSON.parse(JSON.stringify(c.encodeRequest(r, (x: any) => l.push(x)))))
    } catch (e: any) {
      if (e.kind !== 'invalid-request') throw e
      l.push({ path: 'REFUSED', reason: e.message })
      return undefined
    }
  }
  if (codec.protocol === 'openai-responses') {
    const l: any[] = []
    const again = over(codec, req, l)
    for (const d of diff(again, req)) add(`IDENTITY ${d}`, exchange.hex)
    for (const x of l) add(`IDENTITY LOSS ${x.path} ${x.reason}`, exchange.hex)
  }
  for (const other of othersOf(codec.protocol)) {
    if (codec.protocol !== 'openai-responses' && other.protocol !== 'openai-responses') continue
    const way: Way = `request ${codec.protocol} → ${other.protocol}`
    const wayBack: Way = `request ${other.protocol} → ${codec.protocol}`
    const there: any[] = [],
      back: any[] = []
    const foreign = over(other, req, there)
    if (!foreign) {
      if (!isRefusalAccepted(way, exchange.hex)) add(`${way} REFUSED ${there.at(-1).reason}`, exchange.hex)
      continue
    }
    const ret = over(codec, foreign, back)
    const missing = missingFacts(requestFacts(req), ret ? requestFacts(ret) : [])
    for (const f of unacceptedFacts(way, missing, [...there, ...back]))
      add(
        `${way} FACT ${f.kind.replace(/result \d+/, 'result N').replace(/tools.\d+/, 'tools.N')}`,
        `${exchange.hex} ${f.path} ${f.text.slice(0, 150)}`,
      )
    for (const l of unacceptedLosses(way, there)) add(`${way} told ${l.split(': ')[1]}`, `${exchange.hex} ${l}`)
    for (const l of unacceptedLosses(wayBack, back))
      add(`${wayBack} told(back) ${l.split(': ')[1]}`, `${exchange.hex} ${l}`)
  }
}
for (const [k, v] of [...told].sort()) console.log(k, '#', v.length, '\n     ', v.slice(0, 4).join('\n      '))
