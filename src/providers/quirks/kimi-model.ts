import type { Quirk } from '../provider.ts'

/**
 * Kimi's own names of its models: without the vendor's name before them, but for the one that is called so.
 *
 * @see behaviour of CLIProxyAPI, `kimi_executor.go`
 */
export const kimiModel: Quirk = {
  name: 'kimi-model',
  fields(_body, { model }) {
    const name = kimiNameFor(model)
    return name === model ? undefined : { model: name }
  },
}

/** What the vendor calls a model that its users call by any of its names. */
export function kimiNameFor(model: string): string {
  // Claude Code's mark of a large context.
  const plain = model.replace(/\[1m\]$/i, '')
  const coding = /^(?:kimi-)?(?:k2\.7-code|for-coding)(-highspeed)?$/i.exec(plain)
  return coding ? `kimi-for-coding${coding[1]?.toLowerCase() ?? ''}` : plain.replace(/^kimi-/i, '')
}
