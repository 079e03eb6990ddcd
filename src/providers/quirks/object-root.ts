import { isObject, readArray, type Fields } from '../../lib/json.ts'

const UNIONS = ['anyOf', 'oneOf'] as const

/**
 * The schema with no choice at its root but among objects, for a vendor that takes no other for a function: branches
 * are said to be objects where the whole is, and a choice with anything else is left out.
 *
 * @param onLoss is told that a choice is left out.
 * @returns the very same schema when nothing is wrong with it.
 */
export function withObjectRoot(schema: Fields, onLoss: () => void): Fields {
  let mended = schema
  for (const name of UNIONS) {
    const branches = schema[name]
    if (!Array.isArray(branches)) continue
    const typed = readArray(branches).map((branch) => typedBranch(branch, schema['type'] === 'object'))
    if (typed.every((branch) => isObject(branch) && branch['type'] === 'object')) {
      if (typed.some((branch, at) => branch !== branches[at])) mended = { ...mended, [name]: typed }
      continue
    }
    onLoss()
    const { [name]: _union, ...rest } = mended
    mended = { ...rest, type: 'object', additionalProperties: true }
  }
  return mended
}

function typedBranch(branch: unknown, isOfObject: boolean): unknown {
  return isOfObject && isObject(branch) && branch['type'] === undefined && branch['$ref'] === undefined
    ? { ...branch, type: 'object' }
    : branch
}
