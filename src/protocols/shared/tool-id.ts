import type { Protocol } from '../../ir/protocol.ts'
import type { ModelRequest } from '../../ir/request.ts'
import type { ToolKind } from '../../ir/part.ts'

/** What a protocol takes as the name of a tool or the id of a call. */
export interface WordRule {
  /** Matches every character that is not taken; must be global. */
  readonly foreign: RegExp
  /** What the first character must be, where it is special. */
  readonly first?: RegExp
  readonly charsMax: number
}

/**
 * Names of functions.
 *
 * @see https://docs.claude.com/en/api/messages#body-tools-name
 * @see https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
 * @see https://ai.google.dev/api/caching#FunctionDeclaration
 */
export const TOOL_NAME_RULES: Readonly<Record<Protocol, WordRule>> = {
  anthropic: { foreign: /[^a-zA-Z0-9_-]/g, charsMax: 128 },
  'openai-chat': { foreign: /[^a-zA-Z0-9_-]/g, charsMax: 64 },
  'openai-responses': { foreign: /[^a-zA-Z0-9_-]/g, charsMax: 64 },
  gemini: { foreign: /[^a-zA-Z0-9_.:-]/g, first: /[a-zA-Z_]/, charsMax: 64 },
}

/** Ids of tool calls; OpenAI refuses longer ones, Anthropic other characters. */
export const CALL_ID_RULES: Readonly<Record<Protocol, WordRule>> = {
  anthropic: { foreign: /[^a-zA-Z0-9_-]/g, charsMax: 256 },
  'openai-chat': { foreign: /[^\x21-\x7e]/g, charsMax: 64 },
  'openai-responses': { foreign: /[^\x21-\x7e]/g, charsMax: 64 },
  gemini: { foreign: /[^\x21-\x7e]/g, charsMax: 256 },
}

/** What a tool is called on the client's side. */
export interface ToolIdentity {
  readonly name: string
  readonly namespace?: string
  readonly kind: ToolKind
}

/** One request's tools by the names that the target knows them by. */
export interface ToolNames {
  /** Name on the wire, also of a tool that only the history knows. */
  wireName(name: string, namespace?: string): string
  /** The tool that the client declared under this wire name. */
  toolOf(wireName: string): ToolIdentity | undefined
}

/**
 * The same request and rule always give the same names, so that whoever reads the answer can undo what the encoder of
 * the request did. A tool of a namespace is `namespace__name` on the wire of a protocol without namespaces.
 */
export function toolNamesFor(request: Pick<ModelRequest, 'tools' | 'turns'>, rule: WordRule): ToolNames {
  const tools = new Map<string, ToolIdentity>()
  const claimWord = createClaims(rule, fitName)
  const claim = (name: string, namespace: string | undefined): string =>
    claimWord(namespace === undefined ? name : `${namespace}\0${name}`, fullName(name, namespace))
  // Names that fit as they are go first, so that no mended name takes theirs.
  for (const fits of [true, false]) {
    for (const { name, namespace, kind } of request.tools) {
      if (isFit(fullName(name, namespace), rule) !== fits) continue
      const wireName = claim(name, namespace)
      if (!tools.has(wireName)) tools.set(wireName, { name, namespace, kind })
    }
  }
  return { wireName: claim, toolOf: (wireName) => tools.get(wireName) }
}

/** Wire ids of one request's tool calls: the same id gives the same wire id, different ids different ones. */
export function callIdsFor(rule: WordRule): (id: string) => string {
  const claim = createClaims(rule, fitId)
  return (id) => claim(id, id)
}

/** Gives each key a wire word of its own, made to fit, and the same one ever after. */
function createClaims(
  rule: WordRule,
  fit: (word: string, rule: WordRule) => string,
): (key: string, word: string) => string {
  const wireWords = new Map<string, string>()
  const taken = new Set<string>()
  return (key, word) => {
    const known = wireWords.get(key)
    if (known !== undefined) return known
    const wireWord = freeWord(fit(word, rule), taken, rule.charsMax)
    taken.add(wireWord)
    wireWords.set(key, wireWord)
    return wireWord
  }
}

function fullName(name: string, namespace: string | undefined): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}__${name}`
}

function isFit(word: string, { foreign, first, charsMax }: WordRule): boolean {
  return word !== '' && word.length <= charsMax && word.search(foreign) < 0 && (!first || word.search(first) === 0)
}

function fitName(name: string, rule: WordRule): string {
  if (isFit(name, rule)) return name
  const clean = name.replaceAll(rule.foreign, '_')
  const led = clean === '' || (rule.first && clean.search(rule.first) !== 0) ? `_${clean}` : clean
  if (led.length <= rule.charsMax) return led
  // Of an MCP tool's name the server in the middle says least.
  const short = led.startsWith('mcp__') ? `mcp__${led.slice(led.lastIndexOf('__') + 2)}` : led
  return short.slice(0, rule.charsMax)
}

function fitId(id: string, rule: WordRule): string {
  if (isFit(id, rule)) return id
  const clean = id.replaceAll(rule.foreign, '_')
  if (clean === '') return 'call'
  if (clean.length <= rule.charsMax) return clean
  const digest = `_${digestFor(id)}`
  return clean.slice(0, rule.charsMax - digest.length) + digest
}

/** The word, or with the first of the suffixes `_1`, `_2` … that makes it unlike the others. */
function freeWord(word: string, taken: ReadonlySet<string>, charsMax: number): string {
  let free = word
  for (let count = 1; taken.has(free); count++) {
    const suffix = `_${count}`
    free = word.slice(0, charsMax - suffix.length) + suffix
  }
  return free
}

/** 16 hex digits that tell long texts apart; FNV-1a twice, with different starts. */
function digestFor(text: string): string {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
  }
  return hexOf(high) + hexOf(low)
}

function hexOf(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
