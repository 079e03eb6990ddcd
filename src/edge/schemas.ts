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
