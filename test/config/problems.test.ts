import { afterAll, describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { failureOf, loadText, makeFolder } from './load-text.ts'

const folder = makeFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('problems', () => {
  test('are told all at once, each with its place', async () => {
    const text = `host: "a b"
port: 83170
api-keys:
  - your-api-key-1
routing:
  strategy: rand
claude-api-key:
  - api-key: \${MISSING}
    prefix: a/b
    headers: {"a b": x, ok: [1]}
  - base-url: ftp://x
    proxy-url: socks5://a:1
    models:
      - alias: q
codex-api-key:
  - api-key: k
  - api-key: k
    base-url: https://x/v1?a=b
gemini-api-key:
  - [x]
openai-compatibility:
  name: x
tls:
  enable: true
  cert: nope.pem
debug: 7
debug: true
`
    const { message } = await failureOf(folder, text)
    expect(`\n${message}\n`).toMatchInlineSnapshot(`
      "
      c.yaml:1:7: host: is no address; allowed: an IP address, a host name, or "" for every interface of the machine
      c.yaml:2:7: port: is 83170; allowed: a whole number from 0 to 65535
      c.yaml:4:5: api-keys[0]: is the template's example, which everybody knows; allowed: a secret of your own
      c.yaml:6:13: routing.strategy: is "rand"; allowed: round-robin or fill-first
      c.yaml:8:14: claude-api-key[0].api-key: needs the environment variable MISSING, which is not set; set it, or write the value
      c.yaml:9:13: claude-api-key[0].prefix: is no single path segment; allowed: one word without / and spaces, such as team
      c.yaml:10:15: claude-api-key[0].headers.a b: is no header name; allowed: letters, digits and -
      c.yaml:10:29: claude-api-key[0].headers.ok: is a list; allowed: a text
      c.yaml:11:5: claude-api-key[1]: has no api-key; every entry here needs one
      c.yaml:11:15: claude-api-key[1].base-url: is no URL of a server; allowed: http:// or https:// with a host, such as https://api.example.com/v1
      c.yaml:12:16: claude-api-key[1].proxy-url: names a SOCKS proxy, which is not served yet; allowed: http://, https:// or direct
      c.yaml:14:9: claude-api-key[1].models[0]: has no name; every entry here needs one
      c.yaml:18:15: codex-api-key[1].base-url: has a ? or # part; allowed: a URL that paths can be added to
      c.yaml:20:5: gemini-api-key[0]: is a list; allowed: a text or a mapping
      c.yaml:22:3: openai-compatibility: is a mapping; allowed: a list, each entry with "- " before it
      c.yaml:24:3: tls: is enabled and has no key; allowed: the path of a PEM file
      c.yaml:25:9: tls.cert: names no file that can be read
      c.yaml:27:1: debug is there twice; keep one of the two
      "
    `)
  })

  test('name the cause of a missing key: an unknown one near it', async () => {
    const { message, warnings } = await failureOf(folder, 'claude-api-key:\n  - apikey: k\n')
    expect(message).toBe('c.yaml:2:5: claude-api-key[0]: has no api-key; every entry here needs one')
    expect(warnings).toEqual([
      'c.yaml:2:5: claude-api-key[0].apikey: is no known key and is ignored; did you mean api-key?',
    ])
  })

  test.each([
    ['- a\n', 'c.yaml: is no mapping; allowed: lines of the form "key: value"'],
    ['a: b: c\n', 'c.yaml:1:4: is no valid YAML: Nested mappings are not allowed in compact mappings'],
    [
      'port: 1\n---\nport: 2\n',
      'c.yaml:2:1: is no valid YAML: Source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
    ['{"port": 1,\n "port": 2}', 'c.yaml:2:2: "port" is there twice; keep one of the two'],
    ['port: 1\nhost: localhost\nport: 1\n', 'c.yaml:3:1: port is there twice; keep one of the two'],
    ['{"port": "x"}', 'c.yaml:1:10: port: is a text; allowed: a whole number from 0 to 65535'],
    ['port: 1.5', 'c.yaml:1:7: port: is 1.5; allowed: a whole number from 0 to 65535'],
    [
      'proxy-url: *nobody',
      'c.yaml:1:1: is no valid YAML: Unresolved alias (the anchor must be set before the alias): nobody',
    ],
    [
      'claude-api-key: [{api-key: "${EMPTY}"}]',
      'c.yaml:1:18: claude-api-key[0]: has no api-key; every entry here needs one',
    ],
    [
      'proxy-url: http://${USER:-me}@x',
      "c.yaml:1:12: proxy-url: has a ${ that no variable's name and } follow; allowed: ${NAME}, or $${ for a literal ${",
    ],
  ])('of %j', async (text, line) => {
    expect((await failureOf(folder, text, { EMPTY: '' })).message.split('\n')).toEqual([line])
  })

  test('never hold a secret', async () => {
    const text =
      'claude-api-key: [{api-key: "sk-\u2603-secret", base-url: "https://u:secret@x?y", proxy-url: "ftp://secret"}]\n'
    const { message } = await failureOf(folder, text)
    expect(message.split('\n')).toHaveLength(3)
    expect(message).not.toContain('secret')
  })

  const OPEN = 'opens the proxy to'
  test.each([
    ['host: ""', 'c.yaml:1:7: host: opens the proxy to every network of this machine'],
    ['host: 0.0.0.0', 'c.yaml:1:7: host: opens the proxy to 0.0.0.0'],
    ['host: 192.168.1.2', 'c.yaml:1:7: host: opens the proxy to 192.168.1.2'],
  ])('arise when %s has no api-keys', async (text, start) => {
    const [line = '', ...more] = (await failureOf(folder, text)).message.split('\n')
    expect(line).toStartWith(start)
    expect(line).toEndWith('allowed: set api-keys, or host: 127.0.0.1')
    expect(more).toEqual([])
    expect((await loadText(folder, `${text}\napi-keys: [k]`)).config.apiKeys).toEqual(['k'])
  })

  test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '"[::1]"'])('do not arise on loopback: %s', async (host) => {
    expect((await loadText(folder, `host: ${host}`)).config.host).toBe(host.replaceAll(/["[\]]/g, ''))
  })

  test('arise from the command line too, and name the flag', async () => {
    const [line] = (await failureOf(folder, 'port: 1', {}, { overrides: { host: '0.0.0.0' } })).message.split('\n')
    expect(line).toStartWith(`--host: ${OPEN}`)
    const { config } = await loadText(folder, 'host: ""\nport: 1', {}, { overrides: { host: 'localhost', port: 2 } })
    expect([config.host, config.port]).toEqual(['localhost', 2])
  })
})
