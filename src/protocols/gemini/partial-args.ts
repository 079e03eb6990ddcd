import { readObjects, readString, type Fields } from '../../lib/json.ts'
import { camelFields } from './json-case.ts'

/** Arguments of a call that come piece by piece. */
export interface PartialArgs {
  /** Takes `partialArgs`: values with their places. */
  add(pieces: unknown): void
  /** The arguments so far, as JSON text. */
  json(): string
}

/** Levels of the deepest place that is written to. */
const STEPS_MAX = 100

/** @param args what came whole. @see https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc */
export function createPartialArgs(args: Fields): PartialArgs {
  // Without a prototype no name means anything but itself.
  const root: Container = Object.assign(Object.create(null), args)
  return {
    add(pieces) {
      for (const piece of readObjects(pieces)) addPiece(root, camelFields(piece))
    },
    json: () => JSON.stringify(root),
  }
}

type Container = Record<string, unknown> | unknown[]

/** Texts of one place are added up, any other value replaces. What has no place in what came before is left out. */
function addPiece(root: Container, piece: Fields): void {
  const steps = readSteps(readString(piece['jsonPath']) ?? '')
  const last = steps.pop()
  if (last === undefined || steps.length >= STEPS_MAX) return
  let at = root
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1] ?? last
    const found = readStep(at, step) ?? (typeof next === 'number' ? [] : emptyObject())
    if (!isContainer(found)) return
    writeStep(at, step, found)
    at = found
  }
  const before = readStep(at, last)
  const { stringValue, numberValue, boolValue } = piece
  if (typeof stringValue === 'string') writeStep(at, last, (readString(before) ?? '') + stringValue)
  else writeStep(at, last, 'nullValue' in piece ? null : (numberValue ?? boolValue ?? before))
}

function emptyObject(): Container {
  return Object.assign(Object.create(null), {})
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function readStep(at: Container, step: string | number): unknown {
  if (Array.isArray(at)) return typeof step === 'number' ? at[step] : undefined
  return Object.hasOwn(at, step) ? at[step] : undefined
}

/** Lists grow by their next place only. */
function writeStep(at: Container, step: string | number, value: unknown): void {
  if (value === undefined) return
  if (!Array.isArray(at)) at[step] = value
  else if (typeof step === 'number' && step <= at.length) at[step] = value
}

/** The steps of a JSONPath that names one place: `$.a.b[0]['c d']`. */
function readSteps(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, name, index, single, double] of path.matchAll(
    /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/g,
  )) {
    steps.push(index === undefined ? (name ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1')) : Number(index))
  }
  return steps
}
