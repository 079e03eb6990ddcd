import { withoutControls } from './without-controls.ts'

/** How important a line is; `debug` is written only when the config says so. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void
  /** Hands everything written so far to the sink. */
  flush(): void
}

/** What belongs to a line beside its message; fields that are undefined are left out. */
export interface LogFields {
  readonly [name: string]: string | number | boolean | undefined
}

export interface LogOptions {
  /** Takes whole lines. */
  readonly sink: (text: string) => void
  /** For people instead of programs. */
  readonly isTerminal: boolean
  readonly isDebug: () => boolean
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Lines are written together this often, so that a busy proxy spends one system call on many. */
const FLUSH_MS = 50

/** Characters that are kept back before they are written at once. */
const PENDING_CHARS_MAX = 64 * 1024

const COLORS: Readonly<Record<LogLevel, string>> = {
  debug: '\u001B[90m',
  info: '',
  warn: '\u001B[33m',
  error: '\u001B[31m',
}
const RESET = '\u001B[0m'

/** A log of one line per event: readable on a terminal, JSON otherwise. */
export function createLog({ sink, isTerminal, isDebug, clock }: LogOptions): Log {
  const timeText = createTimeText()
  let pending = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (pending === '') return
    const text = pending
    pending = ''
    sink(text)
  }
  return {
    write(level, message, fields = {}) {
      if (level === 'debug' && !isDebug()) return
      pending += isTerminal
        ? readableLine(level, message, fields, clock())
        : jsonLine(level, message, fields, timeText(clock()))
      if (pending.length > PENDING_CHARS_MAX) flush()
      else if (timer === undefined) {
        timer = setTimeout(flush, FLUSH_MS)
        timer.unref()
      }
    },
    flush,
  }
}

/** Put together by hand: a copy of the fields with the three others would cost as much as the rest of the line. */
function jsonLine(level: LogLevel, message: string, fields: LogFields, time: string): string {
  const rest = JSON.stringify(fields)
  const head = `{"time":"${time}","level":"${level}","message":${JSON.stringify(message)}`
  return rest === '{}' ? `${head}}\n` : `${head},${rest.slice(1)}\n`
}

/** ISO times; lines come many to a second, and a second's text is made once. */
function createTimeText(): (now: number) => string {
  let second = -1
  let text = ''
  return (now) => {
    const at = Math.floor(now / 1000)
    if (at !== second) {
      second = at
      text = new Date(at * 1000).toISOString().slice(0, 20)
    }
    return `${text}${String(now - at * 1000).padStart(3, '0')}Z`
  }
}

function readableLine(level: LogLevel, message: string, fields: LogFields, now: number): string {
  const time = new Date(now).toISOString().slice(11, 23)
  const rest = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${String(value)}`],
  )
  const color = COLORS[level]
  // Upstream texts end up here: escape sequences must not reach the terminal.
  return `${color}${time} ${level === 'info' ? '' : `${level} `}${[message, ...rest].map((text) => withoutControls(text, ' ')).join(' ')}${color && RESET}\n`
}
