/** Headers of one hop, of the body as it was packed, and of cookies and origins: never a client's affair. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-encoding',
  'content-type',
  'set-cookie',
  'server-timing',
])
const KEPT_BACK_PREFIXES = [
  'access-control-',
  'x-litellm-',
  'helicone-',
  'x-portkey-',
  'cf-aig-',
  'x-kong-',
  'x-bt-',
  'x-cliproxy-',
]

/** The upstream's response headers that a client may see, with `passthrough-headers: true`. */
export function passedHeaders(upstream: Headers): Record<string, string> {
  const named = new Set(
    (upstream.get('connection') ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  const passed: Record<string, string> = {}
  for (const [name, value] of upstream) {
    if (KEPT_BACK.has(name) || named.has(name) || KEPT_BACK_PREFIXES.some((prefix) => name.startsWith(prefix))) continue
    passed[name] = value
  }
  return passed
}
