import type { Part } from '../ir/part.ts'
import type { ModelRequest } from '../ir/request.ts'

/** What a medium costs about, in tokens: its size is not looked at. */
const MEDIUM_TOKENS = 1600

/** What a message's frame costs. */
const TURN_TOKENS = 4

/**
 * An estimate of a request's input tokens, by OpenAI's o200k vocabulary, for upstreams that do not count themselves.
 * The vocabulary is loaded when the first estimate is asked for: it takes 100 MB.
 */
export async function estimateTokens(request: ModelRequest): Promise<number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  let tokens = 0
  const addText = (text: string): void => {
    tokens += countTokens(text, { disallowedSpecial: new Set() })
  }
  const addPart = (part: Part): void => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        addText(part.text)
        break
      case 'tool-call':
        addText(part.name)
        addText(part.input)
        break
      case 'tool-result':
        for (const inner of part.content) addPart(inner)
        break
      case 'media':
        if (part.source.type === 'text') addText(part.source.text)
        else tokens += MEDIUM_TOKENS
        break
      case 'opaque':
        addText(JSON.stringify(part.value))
    }
  }
  for (const turn of [...request.system, ...request.turns]) {
    tokens += TURN_TOKENS
    for (const part of turn.parts) addPart(part)
  }
  for (const { name, description, schema } of request.tools)
    addText(`${name}\n${description ?? ''}\n${JSON.stringify(schema ?? {})}`)
  for (const { value } of request.hosted) addText(JSON.stringify(value))
  return tokens
}
