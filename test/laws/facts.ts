import type { MediaPart, Part, ToolCallPart, ToolResultPart } from '../../src/ir/part.ts'
import type { HostedTool, ModelRequest, ReasoningRequest, Tool, Turn } from '../../src/ir/request.ts'
import type { ModelResponse } from '../../src/ir/response.ts'
import type { Usage } from '../../src/ir/usage.ts'
import { parseJson, presentFields, readObject, readText, type Fields } from '../../src/lib/json.ts'
import { levelFor } from '../../src/protocols/shared/effort.ts'
import { pairToolCalls } from '../../src/protocols/shared/turns.ts'

/**
 * One thing that a request or an answer says, in words that do not depend on how a protocol groups it: a round trip may
 * move a fact, but not change or lose it unless a codec tells so.
 */
export interface Fact {
  /** Where it stands in the IR, dotted, as losses name it. */
  readonly path: string
  readonly kind: string
  readonly text: string
}

/** What an answer says. */
export function answerFacts({ parts, finish, usage }: ModelResponse): readonly Fact[] {
  return [
    ...parts.flatMap((part, index) => partFacts(withoutNamespace(part), `parts.${index}`, 'assistant', [])),
    { path: 'finish', kind: 'finish', text: finish.reason },
    ...fieldFacts('finish', { stopSequence: finish.stopSequence }),
    ...usageFacts(usage),
  ]
}

/** Only a client that declared a namespace is told of one, and it speaks the one protocol that has them. */
function withoutNamespace(part: Part): Part {
  return part.type === 'tool-call' ? { ...part, namespace: undefined } : part
}

/** What only an answer's own vendor and protocol know: its seals, in their order, namespaces, its word for the finish. */
export function ownFacts({ parts, finish }: ModelResponse): readonly Fact[] {
  const seals = parts.flatMap(({ seals: own }, index) =>
    (own ?? []).map(({ maker, kind, value }) => ({
      path: `parts.${index}`,
      kind: `seal ${maker} ${kind}`,
      text: value,
    })),
  )
  const namespaces = parts.flatMap((part, index) =>
    part.type === 'tool-call' ? fieldFacts(`parts.${index}`, { namespace: part.namespace }) : [],
  )
  return [...seals, ...namespaces, { path: 'finish', kind: 'finish word', text: finish.raw?.word ?? '' }]
}

/** What a request says. */
export function requestFacts(request: ModelRequest): readonly Fact[] {
  const { system, turns: asked, tools, hosted, sampling, toolChoice, format, reasoning, user, parallelTools } = request
  const turns = withIds(asked)
  const callIds = turns.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])))
  return [
    ...turnFacts(system, 'system', callIds),
    ...turnFacts(turns, 'turns', callIds),
    ...tools.flatMap(toolFacts),
    ...hosted.map((tool, index) => ({ path: `hosted.${index}`, kind: 'hosted', text: hostedText(tool) })),
    ...fieldFacts('sampling', { ...sampling }),
    ...fieldFacts('toolChoice', { mode: toolChoice?.mode, tools: toolChoice?.tools?.toSorted() }),
    ...fieldFacts('reasoning', reasoningWishes(reasoning)),
    ...fieldFacts('', { format: format && { ...format }, user }),
    // True is every vendor's default.
    ...fieldFacts('', { parallelTools: parallelTools === false ? false : undefined }),
    ...fieldFacts('', { model: request.model, stream: request.stream }),
  ]
}

/** The facts that were there before and are not any more; a text that became part of a longer one is still there. */
export function missingFacts(before: readonly Fact[], after: readonly Fact[]): readonly Fact[] {
  const left = after.map(textOf)
  const spoken = (kind: string): string =>
    after
      .filter((fact) => fact.kind === kind)
      .map(({ text }) => squeezed(text))
      .join('')
  return before.filter((fact) => {
    const at = left.indexOf(textOf(fact))
    if (at >= 0) left.splice(at, 1)
    return at < 0 && !(fact.kind.endsWith(' text') && spoken(fact.kind).includes(squeezed(fact.text)))
  })
}

/** Where a protocol has no ids, calls and results are told apart by their order and names. */
function withIds(turns: readonly Turn[]): readonly Turn[] {
  const lacksIds = turns.some(({ parts }) =>
    parts.some(
      (part) => (part.type === 'tool-call' && part.id === '') || (part.type === 'tool-result' && part.callId === ''),
    ),
  )
  return lacksIds ? pairToolCalls(turns, () => {}) : turns
}

function toolFacts({ name, namespace, description, schema, kind, strict }: Tool, index: number): readonly Fact[] {
  const fact = (what: string, value: unknown): Fact => ({
    path: `tools.${index}`,
    kind: `tool ${what}`,
    text: `${fullName(name, namespace)} ${canonical(value)}`,
  })
  return [
    fact('name', kind === 'custom' ? kind : ''),
    fact('description', description ?? ''),
    ...(kind === 'custom' ? [] : [fact('schema', plain(schema) ?? {})]),
    ...(strict === true ? [fact('strict', strict)] : []),
  ]
}

/** Tools of one kind have a name and a form of their own at every vendor; what they are told beside counts. */
function hostedText({ protocol, value }: HostedTool): string {
  const words = [readText(value['type']), ...Object.keys(value)].join(' ')
  const isSearch = /(?:^| )(?:web|google)_?search/i.test(words)
  const { type: _type, name: _name, googleSearch, google_search, ...options } = value
  const told = { ...options, ...readObject(googleSearch ?? google_search) }
  return isSearch ? `search ${canonical(presentValues(told))}` : canonical({ protocol, value: presentValues(value) })
}

/** Fields that are neither null nor empty. */
function presentValues(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== null && value !== '' && !(typeof value === 'object' && Object.keys(value ?? {}).length === 0),
    ),
  )
}

/** A budget and the level that stands for it are the same wish; of what is shown all words but one mean that something is. */
function reasoningWishes(reasoning: ReasoningRequest | undefined): Fields {
  const { mode, level, budgetTokens, show } = reasoning ?? {}
  return {
    // To think as it likes is what every model does when nobody says anything.
    mode: mode === 'auto' ? undefined : mode,
    amount: level ?? (budgetTokens === undefined ? undefined : levelFor(budgetTokens)),
    show: show === undefined || show === 'hidden' ? show : 'shown',
  }
}

/** A tool that was searched for stands in a namespace of its own name, which says nothing. */
function fullName(name: string, namespace: string | undefined): string {
  return namespace === undefined || namespace === '' || namespace === name ? name : `${namespace}__${name}`
}

function turnFacts(turns: readonly Turn[], field: string, callIds: readonly string[]): readonly Fact[] {
  return turns.flatMap(({ role, parts }, index) =>
    parts.flatMap((part, at) => partFacts(part, `${field}.${index}.parts.${at}`, role, callIds)),
  )
}

function partFacts(part: Part, path: string, role: string, callIds: readonly string[]): readonly Fact[] {
  switch (part.type) {
    case 'text':
      if (part.text === '') return []
      return [{ path, kind: part.refusal === true ? `${role} refusal text` : `${role} text`, text: part.text }]
    case 'reasoning':
      return part.text === '' ? [] : [{ path, kind: 'reasoning text', text: part.text }]
    case 'media':
      return mediaFacts(part, path, role)
    case 'tool-call':
      return [{ path, kind: 'call', text: callText(part) }]
    case 'tool-result':
      return resultFacts(part, path, callIds)
    case 'opaque':
      return [{ path, kind: 'opaque', text: canonical(part.value) }]
  }
}

/** Free text is a function's one string where a protocol knows functions only. */
function callText({ kind, name, namespace, input }: ToolCallPart): string {
  return `${fullName(name, namespace)} ${kind === 'custom' ? canonical({ input }) : canonicalInput(input)}`
}

/** Ids may be rewritten on the way, so a result is named by the place of its call. */
function resultFacts(
  { callId, content, isError }: ToolResultPart,
  path: string,
  callIds: readonly string[],
): readonly Fact[] {
  const call = `result ${callIds.indexOf(callId)}`
  const inside = content.flatMap((part, index) => partFacts(part, `${path}.content.${index}`, call, callIds))
  return isError === true ? [...inside, { path: `${path}.isError`, kind: call, text: 'is an error' }] : inside
}

function mediaFacts({ kind, source }: MediaPart, path: string, role: string): readonly Fact[] {
  // What kind of thing is behind a URL may be guessed by its end.
  if (source.type === 'url') return [{ path, kind: `${role} media`, text: source.url }]
  if (source.type !== 'base64') return [{ path, kind: `${role} media`, text: canonical(source) }]
  const content: Fact = { path, kind: `${role} media`, text: `${kind} ${Bun.hash(source.data)}` }
  return source.mime === '' ? [content] : [content, { path, kind: `${role} media type`, text: source.mime }]
}

function usageFacts(usage: Usage | undefined): readonly Fact[] {
  if (!usage) return []
  const { extras: _extras, ...counts } = usage
  // A subset of none and a subset that nobody told are the same to a client.
  return fieldFacts(
    'usage',
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count || undefined])),
  )
}

function fieldFacts(path: string, fields: Fields): readonly Fact[] {
  return Object.entries(presentFields(fields) ?? {}).map(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`
    return { path: at, kind: at, text: canonical(value) }
  })
}

/** A schema without what says nothing. */
function plain(schema: Fields | undefined): Fields | undefined {
  const { $schema: _dialect, ...rest } = schema ?? {}
  return Object.keys(rest).length === 0 ? undefined : rest
}

/** No input and an empty one are the same. */
function canonicalInput(input: string): string {
  const value = parseJson(input.trim() === '' ? '{}' : input)
  return value === undefined ? input : canonical(value)
}

/** JSON with sorted keys and without what is undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function textOf({ kind, text }: Fact): string {
  return `${kind} ${text}`
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, '')
}
