import type { AnswerContext, Codec, Frame, Stage } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelEvent, ModelResponse } from '../../ir/response.ts'
import type { ModelRequest } from '../../ir/request.ts'
import { invalidField, kindOf } from '../shared/fields.ts'
import { encodeFault } from './fault.ts'
import { writeFinish } from './finish.ts'
import { openaiChat } from './index.ts'
import { writeUsage } from './usage.ts'

/** What the older models were asked when the prompt said nothing. */
const PROMPT_OTHERWISE = 'Complete this:'

/**
 * The older completions API, as a bridge to chat: the prompt is one message of the user's, the answer its text alone.
 *
 * @see https://platform.openai.com/docs/api-reference/completions
 */
export const completions: Codec = {
  ...openaiChat,
  decodeRequest: decodeCompletionRequest,
  encodeResponse: encodeCompletion,
  streamEncoder: completionStreamEncoder,
}

/** @throws {Fault} invalid-request, naming the field that is wrong. */
export function decodeCompletionRequest(body: JsonObject): ModelRequest {
  // `echo`, `suffix` and `best_of` have no form in chat.
  const { prompt, logprobs, top_logprobs, echo: _echo, suffix: _suffix, best_of: _best, ...chat } = body
  const isCount = typeof logprobs === 'number'
  return openaiChat.decodeRequest({
    ...chat,
    messages: [{ role: 'user', content: readPrompt(prompt) }],
    logprobs: isCount ? logprobs > 0 : logprobs,
    top_logprobs: isCount && logprobs > 0 ? logprobs : top_logprobs,
  })
}

function readPrompt(prompt: unknown): string {
  const [only, ...others] = Array.isArray(prompt) ? prompt : [prompt]
  if (others.length > 0) throw invalidField('prompt', 'must be one string; send several prompts as several requests.')
  if (only === undefined || only === null || only === '') return PROMPT_OTHERWISE
  if (typeof only !== 'string')
    throw invalidField('prompt', `must be a string, not ${kindOf(only)}; lists of tokens are not supported.`)
  return only
}

/** Writes a text completion. Thinking and calls have no place in it and are left out. */
export function encodeCompletion(response: ModelResponse, context: AnswerContext): JsonObject {
  const { id, parts, finish, usage } = response
  let text = ''
  for (const [at, part] of parts.entries()) {
    if (part.type === 'text') text += part.text
    else context.onLoss({ path: `parts.${at}`, reason: 'no-place-in-completions' })
  }
  return {
    id: id === undefined || id === '' ? context.newId('cmpl-') : id,
    object: 'text_completion',
    created: context.createdAt,
    model: context.model,
    choices: [{ index: 0, text, logprobs: null, finish_reason: writeFinish(finish, false, context.onLoss) }],
    usage: usage && writeUsage(usage),
  }
}

/** Writes the chunks of a text completion. */
export function completionStreamEncoder(context: AnswerContext): Stage<ModelEvent, Frame> {
  let top = ''
  let isText = false
  return {
    *push(event) {
      switch (event.type) {
        case 'start': {
          const id = event.id === undefined || event.id === '' ? context.newId('cmpl-') : event.id
          top = JSON.stringify({
            id,
            object: 'text_completion',
            created: context.createdAt,
            model: context.model,
          }).slice(0, -1)
          break
        }
        case 'part-start':
          isText = event.part.type === 'text'
          if (!isText) context.onLoss({ path: `parts.${event.index}`, reason: 'no-place-in-completions' })
          break
        case 'part-delta':
          if (isText)
            yield {
              data: `${top},"choices":[{"index":0,"text":${JSON.stringify(event.delta)},"logprobs":null,"finish_reason":null}]}`,
            }
          break
        case 'part-end':
          break
        case 'finish': {
          yield {
            data: `${top},"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"${writeFinish(event.finish, false, context.onLoss)}"}]}`,
          }
          if (context.includeUsage && event.usage)
            yield { data: `${top},"choices":[],"usage":${JSON.stringify(writeUsage(event.usage))}}` }
          yield { data: '[DONE]' }
          break
        }
        case 'fault':
          yield { data: JSON.stringify(encodeFault(event.fault)) }
      }
    },
    *end() {},
  }
}
