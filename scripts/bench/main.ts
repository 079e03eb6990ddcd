/**
 * `bun run bench`: what the proxy costs, beside a bare relay on the same runtime that reads nothing, in one run.
 *
 *     bun run bench --scenarios unary,agent --seconds 5 --binary path/of/another
 *
 * Absolute figures are this machine's; the ratios are what to compare. Nothing is asserted.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installDependencies, ROOT, runBun } from '../command.ts'
import { FIGURES, measure, type Measurement, type Pair, type Span } from './measure.ts'
import { freePort, pinLoad, startServer, writeConfig, type Server } from './processes.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

/** One column of the report. */
interface Column {
  readonly title: string
  readonly isBare: boolean
  readonly pair: Pair
}

const COLUMNS: readonly Column[] = [
  { title: 'bare relay', isBare: true, pair: { client: 'chat', upstream: 'chat' } },
  { title: 'relay', isBare: false, pair: { client: 'chat', upstream: 'chat' } },
  { title: 'Claude client, OpenAI model', isBare: false, pair: { client: 'anthropic', upstream: 'chat' } },
  { title: 'OpenAI client, Claude model', isBare: false, pair: { client: 'chat', upstream: 'anthropic' } },
]

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
    seconds: { type: 'string', default: '3' },
    binary: { type: 'string', default: join(ROOT, 'dist', 'cliproxy') },
  },
})

installDependencies('production')
if (!existsSync(values.binary) && runBun(['scripts/build.ts']) !== 0) process.exit(1)
const names = values.scenarios.split(',')
const unknown = names.find((name) => SCENARIOS.every((scenario) => scenario.name !== name))
if (unknown !== undefined) {
  console.error(`--scenarios ${unknown}: there are ${SCENARIOS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

await pinLoad()
const upstreamPort = freePort()
const upstream = await startServer(0, upstreamPort, [
  process.execPath,
  join(import.meta.dir, 'upstream.ts'),
  String(upstreamPort),
])
try {
  for (const scenario of SCENARIOS) if (names.includes(scenario.name)) await report(scenario)
} finally {
  await upstream.stop()
}
process.exit(0)

async function report(scenario: Scenario): Promise<void> {
  const base = `http://127.0.0.1:${upstreamPort}${scenario.upstream}`.replace(/\/$/, '')
  // The runtime compiles what is hot within the first seconds: that is not what a proxy costs.
  const span: Span = { warmMs: scenario.connections >= 1000 ? 4000 : 2500, measureMs: Number(values.seconds) * 1000 }
  console.log(`\n${scenario.name}: ${scenario.title}`)
  let floor: Measurement | undefined
  for (const { title, isBare, pair } of COLUMNS) {
    const found = await withServer(isBare, base, (server) => measure(server, scenario, pair, span))
    if (isBare) floor = found
    console.log(`  ${title.padEnd(28)} ${describe(scenario, found, isBare ? undefined : floor)}`)
  }
}

function describe({ figures }: Scenario, found: Measurement, floor: Measurement | undefined): string {
  const texts = figures.map((name) => {
    const value = found[name]
    const least = floor?.[name]
    if (value === undefined) return `${FIGURES[name]} –`
    const ratio = least !== undefined && least > 0 ? ` (${(value / least).toFixed(2)}×)` : ''
    return `${FIGURES[name]} ${value < 10 ? value.toFixed(2) : value.toFixed(0)}${ratio}`
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
    return await useServer(await startServer(1, port, [values.binary, '--config', config.file]), use)
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
