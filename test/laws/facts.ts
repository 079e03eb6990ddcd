import type { MediaPart, Part, ToolCallPart, ToolResultPart } from '../../src/ir/part.ts'
import type { ModelRequest, Turn } from '../../src/ir/request.ts'
import type { ModelResponse } from '../../src/ir/response.ts'
import type { Usage } from '../../src/ir/usage.ts'
import { parseJson, presentFields, type Fields } from '../../src/lib/json.ts'

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
    ...parts.flatMap((part, index) => partFacts(part, `parts.${index}`, 'assistant', [])),
    { path: 'finish', kind: 'finish', text: finish.reason },
    ...fieldFacts('finish', { stopSequence: finish.stopSequence }),
    ...usageFacts(usage),
  ]
}

/** What only an answer's own vendor and protocol know: its seals, in their order, and its word for the finish. */
export function ownFacts({ parts, finish }: ModelResponse): readonly Fact[] {
  const seals = parts.flatMap(({ seals: own }, index) =>
    (own ?? []).map(({ maker, kind, value }) => ({
      path: `parts.${index}`,
      kind: `seal ${maker} ${kind}`,
      text: value,
    })),
  )
  return [...seals, { path: 'finish', kind: 'finish word', text: finish.raw?.word ?? '' }]
}

/** What a request says. */
export function requestFacts(request: ModelRequest): readonly Fact[] {
  const { system, turns, tools, hosted, sampling, toolChoice, format, reasoning, user, parallelTools } = request
  const callIds = turns.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])))
  return [
    ...turnFacts(system, 'system', callIds),
    ...turnFacts(turns, 'turns', callIds),
    ...tools.flatMap(({ name, description, schema, kind, strict }, index) =>
      fieldFacts(`tools.${index}`, {
        [`${kind} ${name}`]: { description, schema: plain(schema), strict: strict === true },
      }),
    ),
    ...hosted.map((tool, index) => ({ path: `hosted.${index}`, kind: 'hosted', text: canonical(tool) })),
    ...fieldFacts('sampling', { ...sampling }),
    ...fieldFacts('', { toolChoice, format: format && { ...format }, reasoning, user }),
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
      return [{ path, kind: `${role} media`, text: mediaText(part) }]
    case 'tool-call':
      return [{ path, kind: 'call', text: callText(part) }]
    case 'tool-result':
      return resultFacts(part, path, callIds)
    case 'opaque':
      return [{ path, kind: 'opaque', text: canonical(part.value) }]
  }
}

function callText({ kind, name, input }: ToolCallPart): string {
  return `${kind} ${name} ${kind === 'custom' ? input : canonicalInput(input)}`
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

function mediaText({ kind, source }: MediaPart): string {
  if (source.type === 'url') return `${kind} ${source.url}`
  return source.type === 'base64' ? `${kind} ${source.mime} ${Bun.hash(source.data)}` : canonical(source)
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
    return { path: path.startsWith('tools.') ? path : at, kind: at, text: canonical(value) }
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
