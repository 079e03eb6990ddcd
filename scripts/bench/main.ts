/**
 * `bun run bench`: what the proxy costs, beside a bare relay on the same runtime that reads nothing, in one run.
 *
 *     bun run bench --scenarios unary,agent --seconds 5
 *     bun run bench --binary path/of/another    instead of building what stands here
 *     bun run bench --pairs all
 *
 * Absolute figures are this machine's; the ratios are what to compare. Nothing is asserted.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PROTOCOLS } from '../../src/ir/protocol.ts'
import { installDependencies, ROOT, runBun } from '../command.ts'
import { FIGURES, measure, type Measurement, type Pair, type Span } from './measure.ts'
import { freePort, pinLoad, startServer, writeConfig, type Server } from './processes.ts'
import { SCENARIOS, type FigureName, type Scenario } from './scenarios.ts'

/** The pair that no other is to cost much more than. */
const REFERENCE: Pair = { client: 'anthropic', upstream: 'openai-chat' }

/** Without `--pairs`: all relays, and from and to each protocol at least one translation. */
const CHOSEN: readonly Pair[] = [
  REFERENCE,
  ...PROTOCOLS.map((protocol) => ({ client: protocol, upstream: protocol })),
  { client: 'openai-chat', upstream: 'anthropic' },
  { client: 'openai-responses', upstream: 'anthropic' },
  { client: 'openai-responses', upstream: 'openai-chat' },
  { client: 'gemini', upstream: 'openai-chat' },
  { client: 'anthropic', upstream: 'openai-responses' },
  { client: 'openai-chat', upstream: 'gemini' },
  { client: 'gemini', upstream: 'openai-responses' },
]

const ALL: readonly Pair[] = [
  REFERENCE,
  ...PROTOCOLS.flatMap((client) => PROTOCOLS.map((upstream) => ({ client, upstream }))).filter(
    (pair) => nameOf(pair) !== nameOf(REFERENCE),
  ),
]

/** Of a pair's name in the report. */
const NAME_LENGTH = 34

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
    seconds: { type: 'string', default: '3' },
    pairs: { type: 'string', default: CHOSEN.map(nameOf).join(',') },
    binary: { type: 'string' },
  },
})

installDependencies('production')
const binary = values.binary ?? join(ROOT, 'dist', 'cliproxy')
if (values.binary === undefined && runBun(['scripts/build.ts']) !== 0) process.exit(1)
const names = values.scenarios.split(',')
const unknown = names.find((name) => SCENARIOS.every((scenario) => scenario.name !== name))
if (unknown !== undefined) refuse(`--scenarios ${unknown}: there are ${SCENARIOS.map(({ name }) => name).join(', ')}`)
const pairNames = values.pairs.split(',')
const unknownPair = pairNames.find((name) => name !== 'all' && ALL.every((pair) => nameOf(pair) !== name))
if (unknownPair !== undefined) refuse(`--pairs ${unknownPair}: there are all, ${ALL.map(nameOf).join(', ')}`)
const pairs = ALL.filter((pair) => pairNames.includes('all') || pairNames.includes(nameOf(pair)))

/** A load was answered with errors. */
let hasErrors = false

await pinLoad()
const upstreamPort = freePort()
const vendors = await startServer(0, upstreamPort, [
  process.execPath,
  join(import.meta.dir, 'upstream.ts'),
  String(upstreamPort),
])
try {
  for (const scenario of SCENARIOS) if (names.includes(scenario.name)) await report(scenario)
} finally {
  await vendors.stop()
}
if (hasErrors) console.error('\nSome loads met with errors: their figures say nothing.')
process.exit(hasErrors ? 1 : 0)

async function report(scenario: Scenario): Promise<void> {
  const base = `http://127.0.0.1:${upstreamPort}${scenario.upstream}`.replace(/\/$/, '')
  // The runtime compiles what is hot within the first seconds: that is not what a proxy costs.
  const span: Span = { warmMs: scenario.connections >= 1000 ? 4000 : 2500, measureMs: Number(values.seconds) * 1000 }
  console.log(`\n${scenario.name}: ${scenario.title}`)
  const floor = await withServer(true, base, (server) => measure(server, scenario, REFERENCE, span))
  console.log(`  ${'bare relay'.padEnd(NAME_LENGTH)} ${describe(scenario, floor, [])}`)
  const rivals: Rival[] = [{ name: 'bare', found: floor }]
  /** How many times the reference the dearest pair costs, by figure. */
  const worst = new Map<FigureName, { readonly ratio: number; readonly name: string }>()
  for (const pair of pairs) {
    const found = await withServer(false, base, (server) => measure(server, scenario, pair, span))
    const name = nameOf(pair)
    hasErrors ||= found.errors > 0
    console.log(`  ${name.padEnd(NAME_LENGTH)} ${describe(scenario, found, rivals)}`)
    if (name === nameOf(REFERENCE)) rivals.push({ name, found })
    else if (rivals[1]) keepWorst(worst, scenario, { name, found }, rivals[1].found)
  }
  for (const [figure, { ratio, name }] of worst)
    console.log(`  dearest in ${FIGURES[figure]}: ${name}, ${ratio.toFixed(2)}× ${nameOf(REFERENCE)}`)
}

/** What a measurement is compared with. */
interface Rival {
  readonly name: string
  readonly found: Measurement
}

function keepWorst(
  worst: Map<FigureName, { readonly ratio: number; readonly name: string }>,
  { figures }: Scenario,
  { name, found }: Rival,
  reference: Measurement,
): void {
  for (const figure of figures) {
    if (figure !== 'request' && figure !== 'event') continue
    const ratio = ratioOf(found, reference, figure)
    if (ratio !== undefined && ratio > (worst.get(figure)?.ratio ?? 0)) worst.set(figure, { ratio, name })
  }
}

function ratioOf(found: Measurement, other: Measurement, figure: FigureName): number | undefined {
  const value = found[figure]
  const least = other[figure]
  return value === undefined || least === undefined || least <= 0 ? undefined : value / least
}

function describe({ figures }: Scenario, found: Measurement, rivals: readonly Rival[]): string {
  const texts = figures.map((name) => {
    const value = found[name]
    if (value === undefined) return `${FIGURES[name]} –`
    const ratios = rivals.flatMap((rival) => {
      const ratio = ratioOf(found, rival.found, name)
      return ratio === undefined ? [] : [`${ratio.toFixed(2)}× ${rival.name}`]
    })
    return `${FIGURES[name]} ${value < 10 ? value.toFixed(2) : value.toFixed(0)}${ratios.length > 0 ? ` (${ratios.join(', ')})` : ''}`
  })
  return `${texts.join(',  ')}${found.errors > 0 ? `,  ERRORS ${found.errors}` : ''}`
}

/** A fresh server for each load, so that no load inherits another's memory. */
async function withServer<T>(isBare: boolean, base: string, use: (server: Server) => Promise<T>): Promise<T> {
  const port = freePort()
  if (isBare)
    return useServer(
      await startServer(1, port, [process.execPath, join(import.meta.dir, 'relay.ts'), String(port), base]),
      use,
    )
  const config = writeConfig(port, base)
  try {
    return await useServer(await startServer(1, port, [binary, '--config', config.file]), use)
  } finally {
    config.remove()
  }
}

async function useServer<T>(server: Server, use: (server: Server) => Promise<T>): Promise<T> {
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}

/** The client's protocol, then the upstream's. */
function nameOf({ client, upstream }: Pair): string {
  return `${client}>${upstream}`
}

function refuse(reason: string): never {
  console.error(reason)
  process.exit(2)
}
