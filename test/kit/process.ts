import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The program's own file. */
export const MAIN = join(import.meta.dir, '..', '..', 'src', 'main.ts')

/** The program as users run it, with a config file of its own. */
export interface ProxyProcess {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** Exit code, once it has ended. */
  readonly exited: Promise<number | null>
  /** Everything it logged so far. */
  text(): string
  /** Resolves with everything it logged, once that holds this. */
  logged(wanted: string): Promise<string>
  /** Writes another config file over the first. */
  change(config: object): void
  stop(): Promise<void>
}

/** @param config what the config file holds; the port is any free one. */
export async function startProcess(config: object): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'cliproxy-test-'))
  const file = join(folder, 'config.yaml')
  // JSON is YAML.
  const write = (fields: object): void =>
    writeFileSync(file, JSON.stringify({ 'auth-dir': join(folder, 'auth'), 'env-accounts': false, port: 0, ...fields }))
  write(config)
  const child = spawn(process.execPath, [MAIN, '--config', file], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  const out = reading(child.stdout)
  const log = reading(child.stderr)
  const banner = await Promise.race([
    out.until(/listens on http:\/\/127\.0\.0\.1:(\d+)/),
    exited.then((code) => {
      throw new Error(`it ended with ${code}: ${log.text()}`)
    }),
  ])
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(banner)?.[1])
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    child,
    exited,
    text: log.text,
    logged: log.until,
    change: write,
    async stop() {
      child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What a program prints, as far as it has come. */
export interface Reading {
  readonly text: () => string
  /** Resolves with all of it, once that holds this. */
  readonly until: (wanted: string | RegExp) => Promise<string>
}

/** Reads along what comes out of any of the streams. */
export function reading(...streams: readonly NodeJS.ReadableStream[]): Reading {
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of streams)
    stream.on('data', (chunk) => {
      text += String(chunk)
      for (const look of waiting) look()
    })
  return {
    text: () => text,
    until: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (typeof wanted === 'string' ? !text.includes(wanted) : !wanted.test(text)) return
          waiting.delete(look)
          resolve(text)
        }
        waiting.add(look)
        look()
      }),
  }
}
