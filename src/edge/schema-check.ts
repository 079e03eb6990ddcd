import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'

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
    const error = compiled.Errors(body).First()
    const path = (error?.path ?? '').slice(1).replaceAll('/', '.')
    if (error?.value === undefined)
      throw new Fault('invalid-request', `The field '${path}' is missing.`, { param: path })
    const value = JSON.stringify(error.value).slice(0, VALUE_CHARS_MAX)
    throw new Fault('invalid-request', `The field '${path}' is ${value}: ${expectation(error.message)}.`, {
      param: path,
    })
  }
}

const COMPILED = new WeakMap<TSchema, TypeCheck<TSchema>>()

/** TypeBox's «Expected string» as the end of our sentence. */
function expectation(message: string): string {
  return message
    .replace(/^Expected /, 'it must be ')
    .replace('it must be union value', 'it is none of the forms that are allowed here')
}
