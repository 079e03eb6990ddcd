import { codex } from './codex.ts'
import { fillOutput, typeOf } from './fill-output.ts'
import { bearerHeaders } from './headers.ts'
import type { FrameEditor, Provider } from './provider.ts'
import { codexCompact } from './quirks/codex-compact.ts'
import { codexInput } from './quirks/codex-input.ts'
import { codexParallel } from './quirks/codex-parallel.ts'
import { codexRefused } from './quirks/codex-refused.ts'
import { codexRequired } from './quirks/codex-required.ts'
import { codexTools } from './quirks/codex-tools.ts'

/**
 * ChatGPT's backend of Codex by a login with ChatGPT: Responses, always streamed, of which nothing is stored.
 *
 * @see https://github.com/openai/codex/blob/main/codex-rs/core/src/client.rs
 */
export const codexOauth: Provider = {
  id: 'codex-oauth',
  title: 'Codex',
  protocol: codex.protocol,
  quirks: [codexRequired, codexRefused, codexParallel, codexTools, codexInput],
  compactQuirks: [codexCompact, codexRefused, codexParallel, codexTools, codexInput],
  streamsOnly: true,
  storesNothing: true,
  neverCounts: true,
  url: ({ baseUrl }) => `${baseUrl}/responses`,
  compactUrl: ({ baseUrl }) => `${baseUrl}/responses/compact`,
  headers({ secret, facts }) {
    const { accountId } = facts
    return { ...bearerHeaders(secret), ...(accountId === undefined ? {} : { 'chatgpt-account-id': accountId }) }
  },
  streamEditor: codexEditor,
}

/** Hides the backend's own events, which no documentation of the API knows and some clients fail on. */
function codexEditor(): FrameEditor {
  const fill = fillOutput()
  return (frame) => (isBackends(typeOf(frame)) ? undefined : fill(frame))
}

function isBackends(type = ''): boolean {
  return type.startsWith('codex.') || type === 'response.metadata'
}
