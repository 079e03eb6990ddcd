import { parseObject, type Fields } from '../../../lib/json.ts'

/** The object in a text of JSON with comments and commas at the end, as clients take their settings; empty when there is none. */
export function parseCommented(text: string | undefined): Fields {
  return parseObject(withoutComments(text ?? '')) ?? {}
}

/** What stands in quotes is no comment. */
function withoutComments(text: string): string {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, keepText)
  return bare.replaceAll(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, keepText)
}

function keepText(found: string): string {
  return found.startsWith('"') ? found : ' '
}
