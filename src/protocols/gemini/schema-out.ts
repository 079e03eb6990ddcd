import type { JsonObject } from '../../ir/json.ts'
import { readObject } from '../../lib/json.ts'
import { asObject } from '../shared/schema-join.ts'
import { repairNode } from '../shared/schema-repair.ts'
import type { SchemaRules } from '../shared/schema-rules.ts'
import { projectSchema as project } from '../shared/schema.ts'
import type { OnSchemaLoss } from '../shared/schema-nodes.ts'

/**
 * The JSON Schema that Gemini is documented to take, in `responseJsonSchema`; of `parametersJsonSchema` the reference
 * says no more than JSON Schema, and the same backend reads it.
 *
 * @see https://ai.google.dev/api/generate-content#v1beta.GenerationConfig (responseJsonSchema)
 * @see https://ai.google.dev/api/caching#FunctionDeclaration
 */
const RULES: SchemaRules = {
  keywords: new Set(
    (
      '$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum ' +
      'anyOf oneOf properties additionalProperties required propertyOrdering'
    ).split(' '),
  ),
  takes: {
    $id: isText,
    $anchor: isText,
    format: isText,
    title: isText,
    description: isText,
    minItems: isNumber,
    maxItems: isNumber,
    minimum: isNumber,
    maximum: isNumber,
    propertyOrdering: Array.isArray,
  },
  enumTypes: new Set(['string', 'number']),
  // "Cyclic references are unrolled to a limited degree and, as such, may only be used within non-required properties."
  cycles: 'optional',
  closesObjects: false,
}

/** A schema for `responseJsonSchema`. What Gemini is not documented to take is told, and said in descriptions where that is short. */
export function projectSchema(schema: JsonObject, onLoss: OnSchemaLoss): JsonObject {
  return project(schema, RULES, onLoss)
}

/** A schema for a function's `parametersJsonSchema`: the same, of an object. */
export function projectParameters(schema: JsonObject, onLoss: OnSchemaLoss): JsonObject {
  return project(asObject(readObject(repairNode(schema)) ?? schema), RULES, onLoss)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}
