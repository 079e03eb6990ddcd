/**
 * The secret of an account that somebody logged in to. It is refreshed in the background before it expires; whoever needs
 * it meanwhile gets the old one as long as that is good.
 */
export interface Login {
  /** Name of its file in `auth-dir`. */
  readonly file: string
  /**
   * The access token; a promise only when it has expired and is being refreshed. All callers wait for the same refresh.
   *
   * @throws {Fault} authentication when the user has to log in again, with the command to run; unavailable when the vendor
   * could not be asked for a new one.
   */
  token(): string | Promise<string>
  /**
   * Another token in the place of one that the upstream refused: a newer one that is there already, else the outcome of one
   * refresh. Undefined when there is none. Never rejects.
   */
  replacementFor(refused: string): Promise<string | undefined>
}
