import type { LoadedConfig } from '../config/load.ts'

export interface RunCommand {
  /** `claude`, `codex`, `gemini`, `qwen` or `opencode`. */
  readonly client: string
  readonly model?: string
  /** Print what to export, and start nothing. */
  readonly isPrint: boolean
  /** For the client, as they stand behind `--`. */
  readonly args: readonly string[]
  readonly loaded: LoadedConfig
  /** Reads the config again: for a proxy that runs as long as the client. */
  readonly reload: () => Promise<LoadedConfig>
}

/**
 * `cliproxy run`: starts a client on this proxy.
 *
 * @returns the client's exit code.
 */
export function runClient(_command: RunCommand): Promise<number> {
  throw new Error('not built yet')
}
