import { historyOf, SCHEMA, SYSTEM, toolNames, WORDS, type Wire } from '../wire.ts'

const TAIL = '"modelVersion":"gemini-x","responseId":"r1"'
const USAGE = '"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":100,"totalTokenCount":112}'

export const GEMINI: Wire = {
  path: ({ model, stream }) =>
    `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  mark: 'enerateContent',
  model: 'gemini-x',
  headers: {},
  asksForStream: (url) => url.includes(':streamGenerateContent'),
  request: ({ characters, tools }) => ({
    systemInstruction: { parts: [{ text: SYSTEM }] },
    contents: historyOf(characters).map(({ role, text }) => ({
      role: role === 'user' ? 'user' : 'model',
      parts: [{ text }],
    })),
    ...(tools > 0 && {
      tools: [
        {
          functionDeclarations: toolNames(tools).map((name) => ({
            name,
            description: WORDS,
            parametersJsonSchema: SCHEMA,
          })),
        },
      ],
    }),
  }),
  prelude: '',
  delta: (text) => `data: {${candidateOf(text)},${USAGE},${TAIL}}\n\n`,
  coda: () => `data: {${candidateOf('.', ',"finishReason":"STOP"')},${USAGE},${TAIL}}\n\n`,
  answer: (text) => `{${candidateOf(text, ',"finishReason":"STOP"')},${USAGE},${TAIL}}`,
}

function candidateOf(text: string, finish = ''): string {
  return `"candidates":[{"content":{"parts":[{"text":"${text}"}],"role":"model"}${finish},"index":0}]`
}
