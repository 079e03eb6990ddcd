import type { CodeAnswer } from './callback-server.ts'

/** What somebody pasted: an answer, or why it is none. */
export type PastedAnswer = { readonly answer: CodeAnswer } | { readonly problem: string }

const OTHER_LOGIN =
  'That answer belongs to another login: its state is another one. Open the address above and paste what comes of it.'
const NO_CODE =
  'That holds no code. Paste the whole address that the browser was sent to, or the code that the page shows.'

/** What is shorter is a slip of the fingers; a code is of use once, and a wrong one ends the login. */
const CODE_LENGTH_MIN = 12

/**
 * Reads the address that the browser was sent to, its query alone, `code#state` as Claude's page shows it, or the bare code.
 *
 * @param state of the login that waits; another one is refused.
 */
export function readPastedAnswer(text: string, state: string): PastedAnswer {
  const pasted = text.trim().replace(/^["'<]+|["'>]+$/g, '')
  if (pasted === '' || /\s/.test(pasted)) return { problem: NO_CODE }
  const query = queryOf(pasted)
  if (!query) return readCode(pasted, state)
  const code = query.get('code')
  const error = query.get('error')
  if (!code && !error) return { problem: NO_CODE }
  // Claude's page may show both in one.
  const [bare = '', behind] = (code ?? '').split('#')
  if ((query.get('state') ?? behind) !== state) return { problem: OTHER_LOGIN }
  if (error) return { answer: { error, description: query.get('error_description') ?? undefined } }
  return { answer: { code: bare } }
}

/** The parameters of an address or of a bare query; those of the fragment count where the query has none. */
function queryOf(pasted: string): URLSearchParams | undefined {
  const isQuery = /^[?#]?(?:[\w.-]+=[^&]*&)*(?:code|error)=/.test(pasted)
  if (!isQuery && !/^(?:https?:\/\/|localhost|127\.0\.0\.1|\[::1\])/i.test(pasted)) return undefined
  const address = isQuery ? `http://localhost/?${pasted.replace(/^[?#]/, '')}` : withScheme(pasted)
  const url = URL.parse(address)
  if (!url) return new URLSearchParams()
  if (url.searchParams.has('code') || url.searchParams.has('error')) {
    const fragment = url.hash.slice(1)
    if (!url.searchParams.has('state') && fragment !== '') url.searchParams.set('state', fragment)
    return url.searchParams
  }
  return new URLSearchParams(url.hash.slice(1))
}

function withScheme(address: string): string {
  return /^https?:\/\//i.test(address) ? address : `http://${address}`
}

function readCode(pasted: string, state: string): PastedAnswer {
  const [code = '', behind] = pasted.split('#')
  if (code.length < CODE_LENGTH_MIN) return { problem: NO_CODE }
  if (behind !== undefined && behind !== state) return { problem: OTHER_LOGIN }
  return { answer: { code } }
}
