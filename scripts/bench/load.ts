import type { Socket } from 'bun'
import { MARK, MARK_LENGTH, nowMicros } from './mark.ts'

/** What to send, and over how many connections at once. */
export interface LoadPlan {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
}

/** What came back since the last reset. */
export interface LoadFigures {
  requests: number
  events: number
  /** Answers other than 200, and connections that broke. */
  errors: number
  /** From the request to the first mark in its answer, in microseconds. */
  readonly firstMicros: number[]
  /** From each mark's writing to its reading, in microseconds. */
  readonly delayMicros: number[]
}

/** A load that goes on until it is stopped: every connection asks again as soon as it was answered. */
export interface Load {
  /** Forgets what was counted so far. */
  reset(): void
  stop(): LoadFigures
}

/** Samples kept of each kind: enough for a p99. */
const SAMPLES_MAX = 200_000
const QUOTE = 0x22
const CHUNKED_END = '0\r\n\r\n'

/** Opens the connections and lets them ask. */
export function startLoad(plan: LoadPlan): Load {
  const request = writeRequest(plan)
  let figures = emptyFigures()
  let isOver = false
  const report: Report = {
    mark: (writtenAt, startedAt, isFirst) => {
      const now = nowMicros()
      figures.events++
      if (isFirst) keep(figures.firstMicros, now - startedAt)
      keep(figures.delayMicros, now - writtenAt)
    },
    answer: (status) => {
      figures.requests++
      if (status !== 200) figures.errors++
      return !isOver
    },
    broken: () => {
      if (isOver) return
      figures.errors++
      if (figures.errors < 1000) openConnection(plan.port, request, report)
    },
  }
  for (let index = 0; index < plan.connections; index++) openConnection(plan.port, request, report)
  return {
    reset() {
      figures = emptyFigures()
    },
    stop() {
      isOver = true
      return figures
    },
  }
}

/** Where a connection tells what it sees. */
interface Report {
  mark(writtenAt: number, startedAt: number, isFirst: boolean): void
  /** Gives whether to ask again. */
  answer(status: number): boolean
  broken(): void
}

function openConnection(port: number, request: Buffer, report: Report): void {
  /** Bytes of the request that the socket has not taken yet. */
  let unsent = request
  let startedAt = 0
  let isFirst = true
  let answer = createAnswerReader()
  const send = (socket: Socket): void => {
    unsent = unsent.subarray(socket.write(unsent))
  }
  const ask = (socket: Socket): void => {
    unsent = request
    startedAt = nowMicros()
    isFirst = true
    answer = createAnswerReader()
    send(socket)
  }
  const connection = Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      open: ask,
      drain: send,
      data(socket, bytes) {
        const isComplete = answer.push(bytes, (writtenAt) => {
          report.mark(writtenAt, startedAt, isFirst)
          isFirst = false
        })
        if (!isComplete) return
        if (report.answer(answer.status())) ask(socket)
        else socket.end()
      },
      close: () => report.broken(),
      error: () => {},
    },
  })
  connection.catch(() => report.broken())
}

/** Reads one HTTP answer just far enough: its status, its marks, its end. */
interface AnswerReader {
  /** Gives whether the answer is complete. */
  push(bytes: Buffer, onMark: (writtenAt: number) => void): boolean
  status(): number
}

function createAnswerReader(): AnswerReader {
  let head = ''
  let status = 0
  /** Bytes of the body still to come; undefined: the body is chunked. */
  let missing: number | undefined
  /** A mark that the end of a read cut in two. */
  let cut: Buffer | undefined
  /** The last characters so far. */
  let tail = ''
  return {
    status: () => status,
    push(bytes, onMark) {
      let body = bytes
      if (status === 0) {
        head += bytes.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return false
        status = Number(head.slice(9, 12))
        const length = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end))
        missing = length ? Number(length[1]) : undefined
        body = Buffer.from(head.slice(end + 4), 'latin1')
      }
      cut = readMarks(cut ? Buffer.concat([cut, body]) : body, onMark)
      if (missing !== undefined) return (missing -= body.length) <= 0
      tail = (tail + body.toString('latin1', Math.max(0, body.length - CHUNKED_END.length))).slice(-CHUNKED_END.length)
      return tail === CHUNKED_END
    },
  }
}

/** Gives the beginning of a mark that stands at the end of the bytes. */
function readMarks(bytes: Buffer, onMark: (writtenAt: number) => void): Buffer | undefined {
  let at = bytes.indexOf(MARK)
  while (at >= 0) {
    if (at + MARK_LENGTH > bytes.length) return bytes.subarray(Math.max(0, at - 1))
    // At the end some protocols say the whole text again: there only the first mark stands behind a quote.
    if (at === 0 || bytes[at - 1] === QUOTE)
      onMark(Number(bytes.toString('latin1', at + MARK.length, at + MARK_LENGTH)))
    at = bytes.indexOf(MARK, at + MARK_LENGTH)
  }
  return undefined
}

function writeRequest({ port, path, headers, body }: LoadPlan): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  })
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  )
}

function emptyFigures(): LoadFigures {
  return { requests: 0, events: 0, errors: 0, firstMicros: [], delayMicros: [] }
}

function keep(samples: number[], value: number): void {
  if (samples.length < SAMPLES_MAX) samples.push(value)
}
