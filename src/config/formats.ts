import { isLoopback } from '../lib/addresses.ts'

/** Judges a string that is not blank: what is wrong and what is allowed, or undefined when it is good. */
type Format = (text: string) => string | undefined

/** Characters that `fetch` accepts in a header's value. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const HOST = /^[A-Za-z0-9._:[\]%-]*$/
const TEMPLATE_KEY = /^your-api-key(?:-\d+)?$/

/** The formats that strings of the schema name. No message repeats the value: it may hold a secret. */
export const FORMATS = {
  'base-url': (text) => {
    const url = URL.parse(text)
    if (!url || !isHttp(url))
      return 'is no URL of a server; allowed: http:// or https:// with a host, such as https://api.example.com/v1'
    if (url.search !== '' || url.hash !== '') return 'has a ? or # part; allowed: a URL that paths can be added to'
    return undefined
  },
  'auth-url': (text) => {
    const url = URL.parse(text)
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
    return isSafe ? undefined : 'is no URL that tokens may be sent to; allowed: https://, or http:// on this machine'
  },
  'proxy-url': (text) => {
    if (readDirect(text)) return undefined
    const url = URL.parse(text)
    if (url?.protocol.startsWith('socks'))
      return 'names a SOCKS proxy, which is not served yet; allowed: http://, https:// or direct'
    return url && isHttp(url) ? undefined : 'is no URL of a proxy; allowed: http://, https:// or direct'
  },
  prefix: (text) =>
    /^[^\s/]+$/.test(trimSlashes(text))
      ? undefined
      : 'is no single path segment; allowed: one word without / and spaces, such as team',
  secret: (text) =>
    HEADER_VALUE.test(text) ? undefined : 'holds characters that no header can carry; allowed: printable ASCII',
  'client-key': (text) => {
    if (TEMPLATE_KEY.test(text))
      return "is the template's example, which everybody knows; allowed: a secret of your own"
    return HEADER_VALUE.test(text) ? undefined : 'holds characters that no header can carry; allowed: printable ASCII'
  },
  'header-value': (text) =>
    HEADER_VALUE.test(text) ? undefined : 'holds characters that no header can carry; allowed: printable ASCII',
  host: (text) =>
    HOST.test(text)
      ? undefined
      : 'is no address; allowed: an IP address, a host name, or "" for every interface of the machine',
  strategy: (text) =>
    strategyFor(text) === undefined ? `is "${text}"; allowed: round-robin or fill-first` : undefined,
} as const satisfies Record<string, Format>

export function formatFor(name: string | undefined): Format | undefined {
  return Object.entries(FORMATS).find(([known]) => known === name)?.[1]
}

/** True for what may name a header. */
export function isHeaderName(text: string): boolean {
  return HEADER_NAME.test(text)
}

/** True for the words that bypass every proxy. */
export function readDirect(text: string): boolean {
  return text === 'direct' || text === 'none'
}

/** The strategy that a word of CPA means: it takes several spellings. */
export function strategyFor(text: string): 'round-robin' | 'fill-first' | 'weighted' | undefined {
  switch (text.toLowerCase().replaceAll(/[-_ ]/g, '')) {
    case 'roundrobin':
    case 'rr':
      return 'round-robin'
    case 'fillfirst':
    case 'ff':
      return 'fill-first'
    case 'weightedroundrobin':
    case 'weighted':
    case 'wrr':
      return 'weighted'
    default:
      return undefined
  }
}

/** Without the slashes at both ends. */
export function trimSlashes(text: string): string {
  return text.replace(/^\/+/, '').replace(/\/+$/, '')
}

function isHttp(url: URL): boolean {
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}
