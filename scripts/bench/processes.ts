import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Protocol } from '../../src/ir/protocol.ts'
import { WIRES } from './wires.ts'

/** A server under measurement. */
export interface Server {
  readonly pid: number
  readonly port: number
  /** Milliseconds from its start until it took a connection. */
  readonly listeningMs: number
  stop(): Promise<void>
}

/** Client key of the product in the bench. */
export const CLIENT_KEY = 'bench-client-key'

const IS_LINUX = process.platform === 'linux'
const CAN_PIN = IS_LINUX && navigator.hardwareConcurrency > 1 && Bun.which('taskset') !== null
/** Linux counts CPU time in ticks of this many microseconds (sysconf _SC_CLK_TCK is 100 on every architecture of Bun). */
const TICK_MICROS = 10_000

/** Starts a server and waits until it listens. Load and upstream share core 0, what is measured has core 1 to itself. */
export async function startServer(core: 0 | 1, port: number, command: readonly string[]): Promise<Server> {
  const [file = '', ...args] = CAN_PIN ? ['taskset', '-c', String(core), ...command] : command
  const env = { ...process.env, NODE_ENV: 'production', BUN_CONFIG_MAX_HTTP_REQUESTS: '65535' }
  const startedAt = performance.now()
  const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk) => (log = (log + String(chunk)).slice(-4000)))
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with ${child.exitCode}: ${log}`)
    if (performance.now() - startedAt > 20_000) throw new Error(`${command.join(' ')} does not listen: ${log}`)
    await Bun.sleep(1)
  }
  const listeningMs = performance.now() - startedAt
  return {
    pid: child.pid ?? 0,
    port,
    listeningMs,
    async stop() {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** Pins this very process, the load, beside the upstream. */
export async function pinLoad(): Promise<void> {
  if (CAN_PIN) await Bun.spawn(['taskset', '-acp', '0', String(process.pid)], { stdout: 'ignore' }).exited
}

/** A port that nobody listens on. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

/** CPU time of a process so far, in microseconds; undefined where only Linux could tell. */
export function readCpuMicros(pid: number): number | undefined {
  if (!IS_LINUX) return undefined
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
}

/** Resident memory of a process in KB; undefined where only Linux could tell. */
export function readMemoryKb(pid: number): number | undefined {
  if (!IS_LINUX) return undefined
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** A folder with a config that serves all protocols' mock upstreams at `base`; `remove` when done. */
export function writeConfig(port: number, base: string): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'cliproxy-bench-'))
  const file = join(folder, 'config.yaml')
  const config = {
    host: '127.0.0.1',
    port,
    'auth-dir': join(folder, 'auth'),
    'api-keys': [CLIENT_KEY],
    'env-accounts': false,
    'request-retry': 0,
    'disable-cooling': true,
    'claude-api-key': [{ 'api-key': 'upstream-key', 'base-url': base, models: [modelOf('anthropic')] }],
    'codex-api-key': [{ 'api-key': 'upstream-key', 'base-url': `${base}/v1`, models: [modelOf('openai-responses')] }],
    'gemini-api-key': [{ 'api-key': 'upstream-key', 'base-url': base, models: [modelOf('gemini')] }],
    'openai-compatibility': [
      {
        name: 'mock',
        'base-url': `${base}/v1`,
        'api-key-entries': [{ 'api-key': 'upstream-key' }],
        models: [modelOf('openai-chat')],
      },
    ],
  }
  mkdirSync(join(folder, 'auth'))
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, null, 2))
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function modelOf(protocol: Protocol): { readonly name: string; readonly alias: string } {
  const { model } = WIRES[protocol]
  return { name: model, alias: model }
}

async function accepts(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } })
    socket.end()
    return true
  } catch {
    return false
  }
}
