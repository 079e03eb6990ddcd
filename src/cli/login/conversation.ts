import { hostname, userInfo } from 'node:os'
import type { LoginConversation } from '../../accounts/oauth/vendor.ts'
import { withoutControls } from '../../lib/without-controls.ts'
import { createSpinner } from './spinner.ts'
import type { Terminal } from './terminal.ts'

export interface ConversationOptions {
  readonly terminal: Terminal
  /** The vendor's name for people. */
  readonly title: string
  /** Opens a page, and says whether that worked; absent: nothing is opened. */
  readonly openBrowser?: (url: string) => Promise<boolean>
}

/** A login's side of a terminal. */
export interface TerminalConversation extends LoginConversation {
  /** Takes the sign off the screen that something is waited for. */
  end(): void
}

/** A login as a person sees it: lines, addresses on lines of their own, and a sign while nothing happens. */
export function createConversation({ terminal, title, openBrowser }: ConversationOptions): TerminalConversation {
  const spinner = createSpinner((text) => terminal.write(text), terminal.isInteractive)
  const waiting = `Waiting for ${title} …`
  let isWaiting = false
  let isAsking = false
  const turn = (): void => {
    if (isWaiting && !isAsking) spinner.show(waiting)
  }
  const print = (lines: readonly string[]): void => {
    spinner.hide()
    terminal.write(lines.map((line) => `${withoutControls(line, '')}\n`).join(''))
    turn()
  }
  const show = (url: string, hints: readonly string[]): void => {
    isWaiting = true
    if (!openBrowser) {
      print(['Open this page in a browser:', '', `  ${url}`, '', ...hints])
      return
    }
    print(['Opening the browser. If it shows nothing, open this page yourself:', '', `  ${url}`, ''])
    void openBrowser(url).then((isOpened) => {
      if (isWaiting && !isOpened) print(['The browser could not be opened.', '', ...hints])
    })
  }
  return {
    open(url, callbackPort) {
      show(url, callbackPort === undefined ? [] : tunnelHints(url, callbackPort))
    },
    showCode(code, url) {
      terminal.write(`The code to confirm there: ${withoutControls(code, '')}\n`)
      show(url, [])
    },
    say: (line) => print([line]),
    async ask(question, signal) {
      if (!terminal.isInteractive) return undefined
      spinner.hide()
      isAsking = true
      const line = await terminal.ask(question, signal)
      isAsking = false
      turn()
      return line
    },
    end() {
      isWaiting = false
      spinner.hide()
    },
  }
}

/** The browser is sent to the port that the vendor knows, on the machine that it runs on. */
function tunnelHints(url: string, callbackPort: number): readonly string[] {
  const redirect = URL.parse(URL.parse(url)?.searchParams.get('redirect_uri') ?? '')
  const port = redirect?.port ? redirect.port : String(callbackPort)
  return [
    'Where the browser is on another machine than this one, first run there:',
    '',
    `  ssh -L ${port}:127.0.0.1:${callbackPort} ${userName()}@${hostname()}`,
    '',
    'or, in the end, copy the address that the browser could not open, and paste it here.',
    '',
  ]
}

function userName(): string {
  try {
    const { username } = userInfo()
    return username === '' || username === 'unknown' ? 'USER' : username
  } catch {
    // An id without a name, as containers have it.
    return 'USER'
  }
}
