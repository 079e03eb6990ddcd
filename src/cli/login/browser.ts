import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the program runs. */
export interface Host {
  readonly platform: NodeJS.Platform
  readonly environment: Environment
}

/** How long an opener may take before it is taken for one that worked. */
const OPENER_MS = 3_000

/** True where a browser would open on another screen than the person's, or on none. */
export function isHeadless({ platform, environment }: Host): boolean {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  if (isSet('SSH_CONNECTION') || isSet('SSH_TTY')) return true
  if (platform === 'darwin' || platform === 'win32') return false
  return !isSet('DISPLAY') && !isSet('WAYLAND_DISPLAY')
}

/**
 * The program that opens an address, and its arguments. No shell reads the address. Undefined for an address that is no
 * page of the web: a vendor's answer names it.
 */
export function openerFor(url: string, platform: NodeJS.Platform): readonly [string, ...string[]] | undefined {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') return undefined
  if (platform === 'darwin') return ['open', parsed.href]
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', parsed.href]
  return ['xdg-open', parsed.href]
}

/** Opens a page. @returns whether it seems to have worked. */
export function openBrowser(url: string, platform: NodeJS.Platform): Promise<boolean> {
  const opener = openerFor(url, platform)
  if (!opener) return Promise.resolve(false)
  const [program, ...args] = opener
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true })
    // Some openers live as long as the browser.
    const timer = setTimeout(() => resolve(true), OPENER_MS)
    timer.unref()
    const end = (hasWorked: boolean): void => {
      clearTimeout(timer)
      resolve(hasWorked)
    }
    child.once('error', () => end(false))
    child.once('exit', (code) => end(code === 0))
    child.unref()
  })
}
