import { claudeCode } from './claude-code.ts'
import { codexCli } from './codex.ts'
import { geminiCli } from './gemini-cli.ts'
import { kimiCli } from './kimi-cli.ts'
import type { Program } from './program.ts'
import { qwenCode } from './qwen-code.ts'

/** The programs whose logins can be taken over. */
export const PROGRAMS: readonly Program[] = [claudeCode, codexCli, geminiCli, qwenCode, kimiCli]
