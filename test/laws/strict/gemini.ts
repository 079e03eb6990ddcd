import type { JsonObject } from '../../../src/ir/json.ts'
import { isObject, readObject, readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import {
  createSecrets,
  need,
  needUnique,
  pieces,
  type Answer,
  type Asked,
  type Saying,
  type StrictVendor,
} from './vendor.ts'

const NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/

/** What Google takes for calls that Gemini did not make. */
const SENTINEL = 'skip_thought_signature_validator'

/** Adjacent contents of one role. */
interface Turn {
  readonly role: string
  readonly parts: readonly Fields[]
}

/**
 * Gemini. Signatures come back on the very part; of the turn that is not over yet the first call of each step has one.
 *
 * @param hasIds its calls have ids.
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function createStrictGemini(model: string, hasIds: boolean): StrictVendor {
  const secret = createSecrets('gemini')
  /** What stood in the part, by the bytes of its signature. */
  const given = new Map<string, string>()
  let ids = 0

  const checkSignature = (part: Fields, seen: Set<string>): void => {
    const signature = readString(part['thoughtSignature'])
    if (signature === undefined || signature === SENTINEL) return
    const known = given.get(bytesOf(signature))
    need(known !== undefined, `Thought signature is not valid: ${signature.slice(0, 40)}`)
    need(known === contentOf(part), `A thought signature stands on another part: ${JSON.stringify(part)}`)
    seen.add(bytesOf(signature))
  }
  return {
    protocol: 'gemini',
    model,
    check(body) {
      const turns = combine(readObjects(body['contents']))
      need(turns[0]?.role === 'user', 'the conversation must begin with a user turn')
      need(turns.at(-1)?.role === 'user', 'the conversation must end with a user turn')
      const seen = new Set<string>()
      for (const { parts, role } of turns) {
        for (const part of parts) {
          checkPart(part, role)
          checkSignature(part, seen)
        }
      }
      checkCalls(turns)
      checkCurrentTurn(turns)
      return { secrets: seen, tools: toolNames(body) }
    },
    answer(saying) {
      const parts = partsFor(saying, secret, hasIds ? () => `fc-${++ids}` : undefined)
      const secrets: string[] = []
      for (const part of parts) {
        const signature = readString(part['thoughtSignature'])
        if (signature === undefined) continue
        given.set(bytesOf(signature), contentOf(part))
        secrets.push(bytesOf(signature))
      }
      return answerOf(model, parts, secrets)
    },
  }
}

/** Google decodes either alphabet of base64. */
function bytesOf(signature: string): string {
  return Buffer.from(signature, 'base64').toString('hex')
}

/** What a signature belongs to: of texts nobody checks more than that it is one, as clients join their pieces. */
function contentOf({ functionCall }: Fields): string {
  const { name, args } = readObject(functionCall) ?? {}
  return functionCall === undefined ? 'text' : JSON.stringify([name, args])
}

function combine(contents: readonly Fields[]): readonly Turn[] {
  const turns: { role: string; parts: readonly Fields[] }[] = []
  for (const { role = 'user', parts } of contents) {
    need(role === 'user' || role === 'model', `role ${String(role)}`)
    need(readObjects(parts).length > 0, 'contents.parts must not be empty')
    const last = turns.at(-1)
    if (last && last.role === role) last.parts = [...last.parts, ...readObjects(parts)]
    else turns.push({ role, parts: readObjects(parts) })
  }
  return turns
}

function checkPart(part: Fields, role: string): void {
  const { text, functionCall, functionResponse, inlineData, thoughtSignature } = part
  const data = [text, functionCall, functionResponse, inlineData].filter((value) => value !== undefined)
  need(data.length === 1, `a part has ${data.length} data fields: ${JSON.stringify(part)}`)
  if (text !== undefined) need(text !== '' || thoughtSignature !== undefined, 'a part has an empty text')
  if (functionCall !== undefined) {
    const { name, args } = readObject(functionCall) ?? {}
    need(role === 'model', 'a functionCall of the user')
    need(NAME.test(String(name)), `functionCall.name ${String(name)}`)
    need(args === undefined || isObject(args), 'functionCall.args is no object')
  }
  if (functionResponse !== undefined) {
    const { name, response } = readObject(functionResponse) ?? {}
    need(role === 'user', 'a functionResponse of the model')
    need(NAME.test(String(name)), `functionResponse.name ${String(name)}`)
    need(isObject(response), 'functionResponse.response is no object')
  }
}

/** As many responses as calls, right after them, in names and ids alike. */
function checkCalls(turns: readonly Turn[]): void {
  const named = (turn: Turn | undefined, field: string): readonly string[] =>
    (turn?.parts ?? []).flatMap((part) => {
      const { id, name } = readObject(part[field]) ?? {}
      return name === undefined ? [] : [JSON.stringify([name, id])]
    })
  for (const [index, turn] of turns.entries()) {
    const calls = named(turns[index - 1], 'functionCall').toSorted()
    const responses = named(turn, 'functionResponse').toSorted()
    need(
      Bun.deepEquals(calls, responses),
      `the function response parts must equal the function call parts of the turn before: ${responses.join()} for ${calls.join()}`,
    )
  }
}

/** The turn began with the last words of the user; each row of the model's parts since then is a step. */
function checkCurrentTurn(turns: readonly Turn[]): void {
  const start = turns.findLastIndex(
    ({ role, parts }) => role === 'user' && parts.some(({ text }) => text !== undefined),
  )
  for (const { role, parts } of turns.slice(start + 1)) {
    const call = role === 'model' ? parts.find(({ functionCall }) => functionCall !== undefined) : undefined
    need(
      call === undefined || readString(call['thoughtSignature']) !== undefined,
      `Function call is missing a thought_signature: ${JSON.stringify(call)}`,
    )
  }
}

function toolNames(body: JsonObject): Asked['tools'] {
  const names = readObjects(body['tools']).flatMap(({ functionDeclarations }) =>
    readObjects(functionDeclarations).map(({ name }) => String(name)),
  )
  for (const name of names) need(NAME.test(name), `functionDeclarations.name ${name}`)
  needUnique(names, 'function name')
  return names
}

/** The signature stands on the first call; without a call on the text. */
function partsFor(
  { thoughts, isHidden, text, calls }: Saying,
  secret: () => string,
  id: (() => string) | undefined,
): readonly Fields[] {
  const isSigned = thoughts > 0 || calls.length > 0
  return [
    ...Array.from({ length: isHidden ? 0 : thoughts }, (_, at) => ({ text: `Gemini thinks ${at}.`, thought: true })),
    ...(text === '' ? [] : [{ text, thoughtSignature: isSigned && calls.length === 0 ? secret() : undefined }]),
    ...calls.map(({ name, input }, index) => ({
      functionCall: { id: id?.(), name, args: JSON.parse(input) },
      thoughtSignature: index === 0 ? secret() : undefined,
    })),
  ]
}

function answerOf(model: string, parts: readonly Fields[], secrets: readonly string[]): Answer {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }
  const head = { modelVersion: model, responseId: 'r1' }
  const chunk = (part: Fields, finish?: string): { data: string } => ({
    data: JSON.stringify({
      candidates: [{ content: { role: 'model', parts: [part] }, finishReason: finish, index: 0 }],
      usageMetadata,
      ...head,
    }),
  })
  const streamed = parts.flatMap(streamedParts)
  return {
    secrets,
    body: {
      candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
      usageMetadata,
      ...head,
    },
    frames: streamed.map((part, at) => chunk(part, at === streamed.length - 1 ? 'STOP' : undefined)),
  }
}

/** Texts come in pieces; the signature of a text on an empty piece after them. */
function streamedParts(part: Fields): readonly Fields[] {
  const { text, thoughtSignature, ...rest } = part
  if (typeof text !== 'string') return [part]
  const said = pieces(text).map((piece) => ({ text: piece, ...rest }))
  return thoughtSignature === undefined ? said : [...said, { text: '', thoughtSignature }]
}
