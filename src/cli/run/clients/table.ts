import { claude } from './claude.ts'
import type { Client, ClientName } from './client.ts'
import { codex } from './codex.ts'
import { gemini } from './gemini.ts'
import { opencode } from './opencode.ts'
import { qwen } from './qwen.ts'

/** Every client that can be started on the proxy. */
export const CLIENTS: Readonly<Record<ClientName, Client>> = { claude, codex, gemini, qwen, opencode }
