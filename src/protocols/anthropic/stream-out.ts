import type { AnswerContext, Frame, Stage } from '../../ir/codec.ts'
import type { FinishEvent, ModelEvent, StartEvent } from '../../ir/response.ts'
import { frameOf } from './block-writer.ts'
import { encodeFault } from './fault.ts'
import { encodeFinish } from './finish.ts'
import { createPartWriter } from './part-writer.ts'
import { encodeUsage } from './usage.ts'

/** Writes Anthropic's stream of events. @see https://docs.claude.com/en/docs/build-with-claude/streaming */
export function createStreamEncoder(context: AnswerContext): Stage<ModelEvent, Frame> {
  const parts = createPartWriter(context)
  return {
    push(event) {
      switch (event.type) {
        case 'start':
          return [startFrame(event, context)]
        case 'part-start':
          return parts.start(event.part, event.index)
        case 'part-delta':
          return parts.add(event.delta)
        case 'part-end':
          return parts.end(event)
        case 'finish':
          return finishFrames(event, parts.hasCall())
        case 'fault':
          return [{ event: 'error', data: JSON.stringify(encodeFault(event.fault)) }]
      }
    },
    end: () => [],
  }
}

function startFrame({ id, model, usage, extras }: StartEvent, context: AnswerContext): Frame {
  const message = {
    id: id === undefined || id === '' ? context.newId('msg_') : id,
    type: 'message',
    role: 'assistant',
    model: context.model || model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: encodeUsage(usage),
    ...extras?.anthropic,
  }
  return frameOf('message_start', { message })
}

function finishFrames({ finish, usage, extras }: FinishEvent, hasCall: boolean): readonly Frame[] {
  const { container, ...rest } = extras?.anthropic ?? {}
  const delta = { ...encodeFinish(finish, hasCall), container }
  return [frameOf('message_delta', { delta, usage: encodeUsage(usage), ...rest }), frameOf('message_stop', {})]
}
