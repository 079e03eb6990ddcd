import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { HostedTool, ModelRequest, Tool, ToolChoice } from '../../ir/request.ts'
import { presentFields, readObject, readText, type Fields } from '../../lib/json.ts'
import { tellForeignExtras } from '../shared/foreign.ts'
import { textSchemaFor } from '../shared/custom-tool.ts'
import type { ToolNames } from '../shared/tool-id.ts'
import { readOwn } from './part-out.ts'
import { projectParameters } from './schema-out.ts'
import { MODE_TWIN, PARAMETERS_TWIN } from './tools-in.ts'

/** `tools` and `toolConfig`, where there are any. */
export function encodeTools(request: ModelRequest, names: ToolNames, onLoss: OnLoss): JsonObject {
  const { tools, parallelTools, extras } = request
  const own = extras?.gemini
  const declarations = encodeDeclarations(tools, names, own !== undefined, onLoss)
  const hosted = encodeHosted(request, onLoss)
  const functionDeclarations = declarations.size > 0 ? [...declarations.values()] : undefined
  const { functionCallingConfig, ...others } = readObject(own?.['toolConfig']) ?? {}
  if (parallelTools === false && tools.length > 0) onLoss({ path: 'parallelTools', reason: 'parallel-tools' })
  return {
    tools: functionDeclarations ? [...hosted, { functionDeclarations }] : hosted.length > 0 ? hosted : undefined,
    toolConfig: presentFields({
      ...others,
      functionCallingConfig: presentFields({
        ...readObject(functionCallingConfig),
        ...encodeToolChoice(request, names, declarations, onLoss),
      }),
    }),
  }
}

/** The declarations by their names on the wire. */
function encodeDeclarations(
  tools: readonly Tool[],
  names: ToolNames,
  isOwn: boolean,
  onLoss: OnLoss,
): ReadonlyMap<string, Fields> {
  const written = new Map<string, Fields>()
  for (const [index, tool] of tools.entries()) {
    const path = `tools.${index}`
    const name = names.wireName(tool.name, tool.namespace)
    if (written.has(name)) onLoss({ path, reason: 'tool-twice' })
    else written.set(name, encodeDeclaration(tool, name, isOwn, path, onLoss))
  }
  return written
}

/** @see https://ai.google.dev/api/caching#FunctionDeclaration */
function encodeDeclaration(tool: Tool, wireName: string, isOwn: boolean, path: string, onLoss: OnLoss): Fields {
  const {
    kind,
    name: _name,
    namespace: _namespace,
    description,
    schema,
    strict,
    grammar,
    cache,
    extras,
    ...rest
  } = tool
  rest satisfies Record<string, never>
  const lose = (reason: string): void => onLoss({ path, reason })
  tellForeignExtras(extras, 'gemini', `${path}.extras`, onLoss)
  if (cache) onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  if (strict === true) lose('strict-tool')
  const spelt = readObject(extras?.gemini?.[PARAMETERS_TWIN])
  const parameters = spelt ?? {
    parametersJsonSchema:
      kind === 'custom' ? textSchemaFor(grammar) : isOwn ? schema : schema && projectParameters(schema, lose),
  }
  return { name: wireName, description, ...parameters, ...readOwn(extras) }
}

/**
 * Tools that Google runs. Another vendor's client gets them only where there are no functions beside: what Google then
 * did stands in parts that would have to come back with the history, and older models refuse both together.
 *
 * @see https://ai.google.dev/gemini-api/docs/tool-combination
 */
function encodeHosted(
  { tools, hosted }: Pick<ModelRequest, 'tools' | 'hosted'>,
  onLoss: OnLoss,
): readonly JsonObject[] {
  const written = new Map<string, JsonObject>()
  for (const [index, tool] of hosted.entries()) {
    const wire = encodeHostedTool(tool)
    const isOwn = tool.protocol === 'gemini'
    const lose = (reason: string): void => onLoss({ path: `hosted.${index}`, reason })
    if (!wire || (!isOwn && tools.length > 0)) {
      lose('hosted-tool')
      continue
    }
    if (!isOwn && hasOptions(tool.value)) lose('hosted-options')
    written.set(isOwn ? `own ${index}` : JSON.stringify(wire), wire)
  }
  return [...written.values()]
}

function encodeHostedTool({ protocol, value }: HostedTool): JsonObject | undefined {
  if (protocol === 'gemini') return value
  const words = [readText(value['type']), ...Object.keys(value)].join(' ')
  if (/(?:^| )(?:web|google)_?search/i.test(words)) return { googleSearch: {} }
  if (/(?:^| )(?:code_?interpreter|code_?execution)/i.test(words)) return { codeExecution: {} }
  return /(?:^| )(?:web_?fetch|url_?context)/i.test(words) ? { urlContext: {} } : undefined
}

/** Google's tools take nothing of what others may be told of domains, places and numbers. */
function hasOptions(value: JsonObject): boolean {
  return Object.entries(value).some(([name, option]) => name !== 'type' && name !== 'name' && !isEmpty(option))
}

function isEmpty(option: unknown): boolean {
  return option === null || (typeof option === 'object' && Object.keys(option ?? {}).length === 0)
}

/** @see https://ai.google.dev/api/caching#FunctionCallingConfig */
function encodeToolChoice(
  { toolChoice, tools, extras }: Pick<ModelRequest, 'toolChoice' | 'tools' | 'extras'>,
  names: ToolNames,
  declarations: ReadonlyMap<string, Fields>,
  onLoss: OnLoss,
): Fields | undefined {
  if (!toolChoice) return undefined
  const own = extras?.gemini
  if (declarations.size === 0 && !own) {
    if (toolChoice.mode !== 'none') onLoss({ path: 'toolChoice', reason: 'choice-without-tools' })
    return undefined
  }
  const { mode, tools: chosen } = toolChoice
  if (mode === 'none') return { mode: 'NONE' }
  const allowedFunctionNames = chosen && allowedNames(chosen, tools, names, declarations)
  if (chosen && allowedFunctionNames?.length !== chosen.length) onLoss({ path: 'toolChoice', reason: 'unknown-tool' })
  if (!allowedFunctionNames) return { mode: modeFor(mode, own?.[MODE_TWIN] === 'VALIDATED') }
  // Where none of the chosen tools is left, to demand another one would be another question.
  if (allowedFunctionNames.length === 0) return { mode: 'AUTO' }
  // With AUTO the API takes no names.
  return { mode: modeFor(mode, true), allowedFunctionNames }
}

function modeFor(mode: ToolChoice['mode'], isValidated: boolean): string {
  if (mode === 'required') return 'ANY'
  return isValidated ? 'VALIDATED' : 'AUTO'
}

function allowedNames(
  chosen: readonly string[],
  tools: readonly Tool[],
  names: ToolNames,
  declarations: ReadonlyMap<string, Fields>,
): readonly string[] {
  return chosen.flatMap((name) => {
    const tool = tools.find((candidate) => candidate.name === name)
    const wireName = names.wireName(name, tool?.namespace)
    return declarations.has(wireName) ? [wireName] : []
  })
}
