import { Type, type TSchema } from '@sinclair/typebox'

/** Objects of the wire may hold more than a schema names. */
const open = { additionalProperties: true }

const optional = (schema: TSchema): TSchema => Type.Optional(Type.Union([schema, Type.Null()]))

const sampling = {
  temperature: optional(Type.Number()),
  top_p: optional(Type.Number()),
  stream: optional(Type.Boolean()),
  tools: optional(Type.Array(Type.Object({}, open))),
}

/** Body of POST /v1/messages. @see https://docs.anthropic.com/en/api/messages */
export const messagesSchema = Type.Object(
  {
    model: Type.String(),
    messages: Type.Array(Type.Object({ role: Type.String() }, open), { minItems: 1 }),
    system: optional(Type.Union([Type.String(), Type.Array(Type.Object({}, open))])),
    max_tokens: optional(Type.Integer({ minimum: 1 })),
    ...sampling,
  },
  open,
)

/** Body of POST /v1/messages/count_tokens. @see https://docs.anthropic.com/en/api/messages-count-tokens */
export const countTokensSchema = messagesSchema

/** Body of POST /v1/chat/completions. @see https://platform.openai.com/docs/api-reference/chat/create */
export const chatSchema = Type.Object(
  {
    model: Type.String(),
    messages: Type.Array(Type.Object({ role: Type.String() }, open), { minItems: 1 }),
    max_tokens: optional(Type.Integer({ minimum: 1 })),
    max_completion_tokens: optional(Type.Integer({ minimum: 1 })),
    ...sampling,
  },
  open,
)

/** Body of POST /v1/completions. @see https://platform.openai.com/docs/api-reference/completions/create */
export const completionsSchema = Type.Object(
  {
    model: Type.String(),
    prompt: optional(Type.Union([Type.String(), Type.Array(Type.Unknown())])),
    stream: optional(Type.Boolean()),
    temperature: optional(Type.Number()),
    max_tokens: optional(Type.Integer({ minimum: 0 })),
  },
  open,
)

/** Body of POST /v1/responses. @see https://platform.openai.com/docs/api-reference/responses/create */
export const responsesSchema = Type.Object(
  {
    model: Type.String(),
    input: optional(Type.Union([Type.String(), Type.Array(Type.Object({}, open))])),
    instructions: optional(Type.String()),
    max_output_tokens: optional(Type.Integer({ minimum: 1 })),
    previous_response_id: optional(Type.String()),
    reasoning: optional(Type.Object({}, open)),
    text: optional(Type.Object({}, open)),
    ...sampling,
  },
  open,
)

/** Body of POST /v1/responses/input_tokens. @see https://platform.openai.com/docs/api-reference/responses/input-tokens */
export const responsesCountSchema = responsesSchema

/** Google's JSON takes one object for a list of one. */
const objects = Type.Union([Type.Array(Type.Object({}, open)), Type.Object({}, open)])
const object = Type.Object({}, open)

/** A content, or its words alone. */
const instruction = Type.Union([object, Type.String()])

const geminiFields = {
  systemInstruction: optional(instruction),
  system_instruction: optional(instruction),
  generationConfig: optional(object),
  generation_config: optional(object),
  toolConfig: optional(object),
  tool_config: optional(object),
  tools: optional(objects),
}

/** Body of POST /v1beta/models/{model}:generateContent, in both spellings. @see https://ai.google.dev/api/generate-content */
export const geminiSchema = Type.Object(
  {
    contents: Type.Union([Type.Array(Type.Object({}, open), { minItems: 1 }), Type.Object({}, open)]),
    ...geminiFields,
  },
  open,
)

/** Body of POST /v1beta/models/{model}:countTokens, which names the contents alone or a whole request. @see https://ai.google.dev/api/tokens */
export const geminiCountSchema = Type.Object(
  {
    contents: optional(objects),
    generateContentRequest: optional(object),
    generate_content_request: optional(object),
    ...geminiFields,
  },
  open,
)

/** Body of POST /v1internal:generateContent: Gemini's request in an envelope. */
export const codeAssistSchema = Type.Object({ model: Type.String(), request: geminiSchema }, open)

/** Body of POST /v1internal:countTokens. */
export const codeAssistCountSchema = Type.Object({ request: geminiCountSchema }, open)
