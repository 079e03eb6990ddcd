import type { JsonObject } from '../../ir/json.ts'
import type { HostedTool, ModelRequest, Tool, ToolChoice } from '../../ir/request.ts'
import { presentFields, readArray, readObject, readString, readText, type Fields } from '../../lib/json.ts'
import { invalidField, kindOf, optionalList, requiredObject } from '../shared/fields.ts'
import { camelFields, camelObject } from './json-case.ts'
import { ownExtras } from './part-in.ts'
import { jsonSchemaFor } from './schema-in.ts'

/** Under this name a tool's extras keep the field of its schema where that is in Gemini's own dialect. */
export const PARAMETERS_TWIN = '$parameters'

/** Under this name the request's extras keep a mode that the IR has no word for. */
export const MODE_TWIN = '$mode'

/** @throws {Fault} invalid-request */
export function decodeTools(value: unknown): Pick<ModelRequest, 'tools' | 'hosted'> {
  const tools: Tool[] = []
  const hosted: HostedTool[] = []
  for (const [index, item] of readList(value, 'tools').entries()) {
    const path = `tools.${index}`
    const { functionDeclarations, ...others } = camelFields(requiredObject(item, path))
    for (const [at, declaration] of readList(functionDeclarations, `${path}.functionDeclarations`).entries())
      tools.push(decodeDeclaration(declaration, `${path}.functionDeclarations.${at}`))
    for (const [name, tool] of Object.entries(others))
      if (tool !== undefined && tool !== null) hosted.push({ protocol: 'gemini', value: { [name]: tool } })
  }
  return { tools, hosted }
}

/** What `toolConfig` asks for, and what of it only Gemini knows. */
export interface ToolConfig {
  readonly toolChoice?: ToolChoice
  readonly own: JsonObject
}

/** @throws {Fault} invalid-request */
export function decodeToolConfig(value: unknown): ToolConfig {
  const { functionCallingConfig, ...others } = camelObject(value) ?? {}
  const { mode, allowedFunctionNames, ...unread } = camelObject(functionCallingConfig) ?? {}
  const names = readArray(allowedFunctionNames).filter((name): name is string => typeof name === 'string')
  const word = readText(mode)?.toUpperCase()
  return {
    toolChoice: decodeMode(word, names.length > 0 ? names : undefined),
    own: {
      toolConfig: presentFields({ ...others, functionCallingConfig: presentFields(unread) }),
      [MODE_TWIN]: word === 'VALIDATED' ? word : undefined,
    },
  }
}

/** `VALIDATED` leaves the choice to the model, and holds its calls to their schemas. */
function decodeMode(word: string | undefined, tools: readonly string[] | undefined): ToolChoice | undefined {
  switch (word) {
    case undefined:
    case 'MODE_UNSPECIFIED':
      return tools && { mode: 'auto', tools }
    case 'AUTO':
    case 'VALIDATED':
      return { mode: 'auto', tools }
    case 'ANY':
      return { mode: 'required', tools }
    case 'NONE':
      return { mode: 'none' }
    default:
      throw invalidField(
        'toolConfig.functionCallingConfig.mode',
        `must be AUTO, ANY, NONE or VALIDATED, not ${JSON.stringify(word)}.`,
      )
  }
}

function decodeDeclaration(value: unknown, path: string): Tool {
  const { name, description, parameters, parametersJsonSchema, ...rest } = camelFields(requiredObject(value, path))
  if (typeof name !== 'string') throw invalidField(`${path}.name`, `must be a string, not ${kindOf(name)}.`)
  const own = readObject(parameters)
  const standard = readObject(parametersJsonSchema)
  return {
    kind: 'function',
    name,
    description: readString(description),
    schema: standard ? readJsonSchema(standard) : own && jsonSchemaFor(own),
    extras: ownExtras({ ...rest, [PARAMETERS_TWIN]: spellingFor(own, standard) }),
  }
}

/** The field of the schema as the client wrote it, where the encoder would write another one. */
function spellingFor(parameters: Fields | undefined, standard: Fields | undefined): Fields | undefined {
  if (!standard) return parameters && { parameters }
  return readJsonSchema(standard) === standard ? undefined : { parametersJsonSchema: standard }
}

/** A JSON Schema; some clients write Gemini's types into it, which no other vendor takes. */
export function readJsonSchema(schema: Fields): JsonObject {
  const type = readText(schema['type'])
  return type !== undefined && type !== type.toLowerCase() ? jsonSchemaFor(schema) : schema
}

/** A list; a lone object is one of one, as protobuf's readers take it. @throws {Fault} invalid-request */
function readList(value: unknown, path: string): readonly unknown[] {
  return readObject(value) ? [value] : (optionalList(value, path) ?? [])
}
