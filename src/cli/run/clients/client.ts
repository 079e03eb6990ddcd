/** The clients that are started on the proxy, by the word of the command line; each is also the name of its program. */
export const CLIENT_NAMES = ['claude', 'codex', 'gemini', 'qwen', 'opencode'] as const

export type ClientName = (typeof CLIENT_NAMES)[number]

/** What a client is pointed at. */
export interface ClientSetup {
  /** Origin of the proxy, without a trailing slash. */
  readonly base: string
  /** One of the proxy's keys, or a word where it asks for none. */
  readonly key: string
  /** Absent: the client's own default. */
  readonly model?: string
  /** Names of all models that are served, as far as they are known. */
  readonly models: readonly string[]
  /** The user's own. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A folder for files that only this run needs; it is removed at the end. */
  readonly folder: string
  /** Reads a file of the user's or the system's; undefined when there is none. */
  readonly readFile: (path: string) => string | undefined
  /** Names of what is in a folder; none when there is no such folder. */
  readonly listFolder: (path: string) => readonly string[]
}

/** How a client is started. No secret is in `args`: others may read them. */
export interface Launch {
  /** Before those of the user. */
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** To be written to the folder of the setup, by name; `/` in it makes folders. */
  readonly files: Readonly<Record<string, string>>
  /** Links to be made in the folder of the setup: what they point at, by name. */
  readonly links?: Readonly<Record<string, string>>
}

/** What a user types to have the same without this program; the key stands in variables alone. */
export interface Recipe {
  readonly variables: Readonly<Record<string, string>>
  /** A piece of a file of the client's settings. */
  readonly snippet?: { readonly path: string; readonly text: string }
  /** The command, as words. */
  readonly command: readonly string[]
}

/** A client as data: how it learns where the proxy is, and what else would lead it astray. */
export interface Client {
  /** For people. */
  readonly title: string
  /** Of the npm registry. */
  readonly package: string
  /** Variables of the user's environment that would send it elsewhere, or with another key. */
  readonly misleading: readonly string[]
  /** Names a file of a certificate that it trusts beside those of the system. */
  readonly certificateVariable: string
  /** Flags with which the user names a model. */
  readonly modelFlags: readonly string[]
  /** The model to name when the user names none; undefined: the client's own default is served, or nothing is known. */
  chooseModel(models: readonly string[]): string | undefined
  launch(setup: ClientSetup): Launch
  recipe(setup: Pick<ClientSetup, 'base' | 'key' | 'model'>): Recipe
}
