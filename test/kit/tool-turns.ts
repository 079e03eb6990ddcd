import type { Protocol } from '../../src/ir/protocol.ts'
import type { Fields } from '../../src/lib/json.ts'

/** What the tool of {@link toolTurns} is called. */
export const TOOL = 'read_file'

const SCHEMA = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
const INPUT = { path: 'a.txt' }
const RESULT = 'The file says: forty-two.'

/** A conversation in which the model called a tool and is told what came of it, in the fields of the protocol. */
export function toolTurns(protocol: Protocol): Fields {
  const declared = { name: TOOL, description: 'Reads a file.' }
  const question = { role: 'user', content: 'What is in a.txt?' }
  switch (protocol) {
    case 'anthropic':
      return {
        tools: [{ ...declared, input_schema: SCHEMA }],
        messages: [
          question,
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: TOOL, input: INPUT }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: RESULT }] },
        ],
      }
    case 'openai-chat':
      return {
        tools: [{ type: 'function', function: { ...declared, parameters: SCHEMA } }],
        messages: [
          question,
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: TOOL, arguments: JSON.stringify(INPUT) } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: RESULT },
        ],
      }
    case 'openai-responses':
      return {
        tools: [{ type: 'function', ...declared, parameters: SCHEMA, strict: false }],
        input: [
          question,
          { type: 'function_call', call_id: 'call_1', name: TOOL, arguments: JSON.stringify(INPUT) },
          { type: 'function_call_output', call_id: 'call_1', output: RESULT },
        ],
      }
    case 'gemini':
      return {
        tools: [{ functionDeclarations: [{ ...declared, parameters: SCHEMA }] }],
        contents: [
          { role: 'user', parts: [{ text: 'What is in a.txt?' }] },
          { role: 'model', parts: [{ functionCall: { name: TOOL, args: INPUT } }] },
          { role: 'user', parts: [{ functionResponse: { name: TOOL, response: { output: RESULT } } }] },
        ],
      }
  }
}
