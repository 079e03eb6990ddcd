import { TypeCompiler, type TypeCheck, type ValueError } from '@sinclair/typebox/compiler'
import { KindGuard, type TSchema } from '@sinclair/typebox'
import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { nearest } from '../lib/nearest.ts'

/** Characters of a wrong value that an error shows. */
const VALUE_CHARS_MAX = 60

/**
 * Checks bodies against a schema that is compiled when the first one comes.
 *
 * @throws {Fault} (the check) invalid-request, naming the first field that is wrong, what it is and what it must be.
 */
export function createBodyCheck(schema: TSchema): (body: JsonObject) => void {
  return (body) => {
    let compiled = COMPILED.get(schema)
    if (!compiled) COMPILED.set(schema, (compiled = TypeCompiler.Compile(schema)))
    if (compiled.Check(body)) return
    const first = compiled.Errors(body).First()
    if (!first) throw new Fault('invalid-request', 'The body has not the form that is expected here.')
    throw wrongField(causeOf(first), body)
  }
}

const COMPILED = new WeakMap<TSchema, TypeCheck<TSchema>>()

/** What is wrong, at its deepest: of a union that takes several forms, the form that fits furthest. */
function causeOf(error: ValueError): ValueError {
  let deepest = error
  for (const form of error.errors) {
    const first = form.First()
    const cause = first && causeOf(first)
    if (cause && cause.path.length > deepest.path.length) deepest = cause
  }
  return deepest
}

function wrongField(error: ValueError, body: JsonObject): Fault {
  const param = error.path.slice(1).replaceAll('/', '.')
  if (error.value === undefined) {
    const near = param.includes('.') ? undefined : nearest(param, Object.keys(body), 1)[0]
    const advice = near === undefined ? 'add it.' : `did you mean it by '${near}'?`
    return new Fault('invalid-request', `The field '${param}' is missing: ${advice}`, { param })
  }
  const value = JSON.stringify(error.value).slice(0, VALUE_CHARS_MAX)
  const forms = [...new Set(formsOf(error.schema))].join(' or ')
  return new Fault('invalid-request', `The field '${param}' is ${value}: it must be ${forms}.`, { param })
}

/** Everything that a schema allows, in words; that a field may be null goes without saying. */
function formsOf(schema: TSchema): readonly string[] {
  if (KindGuard.IsUnion(schema)) return schema.anyOf.flatMap(formsOf)
  const { type, minimum, minItems } = schema
  switch (type) {
    case 'null':
      return []
    case 'integer':
      return [typeof minimum === 'number' ? `a whole number from ${minimum} up` : 'a whole number']
    case 'number':
      return ['a number']
    case 'boolean':
      return ['true or false']
    case 'array':
      return [minItems === undefined ? 'an array' : 'an array that is not empty']
    case 'object':
      return ['an object']
    default:
      return [`a ${String(type)}`]
  }
}
