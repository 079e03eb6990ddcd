import type { Frame } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { Protocol } from '../../../src/ir/protocol.ts'

/** A program that holds one conversation, the way the SDKs and agents of its protocol do: it keeps the history. */
export interface Client {
  readonly protocol: Protocol
  /** Whether it brings everything back that its vendor would need. */
  readonly keepsSecrets: boolean
  /** Name of an odd tool that its own protocol allows. */
  readonly oddTool: string
  /** The user says something. */
  say(text: string): void
  /** The tools answer the calls of the last answer, in their order; undefined: the tool was stopped and nothing came. */
  answerCalls(results: readonly (ToolAnswer | undefined)[]): void
  request(wish: Wish): JsonObject
  /** Takes an answer into the history. */
  receive(body: JsonObject): Heard
  receiveStream(frames: readonly Frame[]): Heard
}

/** How one request is asked. */
export interface Wish {
  readonly model: string
  readonly isStream: boolean
  readonly isThinking: boolean
  /** Names of the tools. */
  readonly tools: readonly string[]
}

export interface ToolAnswer {
  /** May be ''. */
  readonly text: string
  /** A picture is shown beside the text, where the protocol has a place for it. */
  readonly hasImage: boolean
}

/** What a client understood of an answer. */
export interface Heard {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
}

export const TOOL_SCHEMA = { type: 'object', properties: { number: { type: 'number' }, place: { type: 'string' } } }

/** A PNG of one pixel, in base64. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
