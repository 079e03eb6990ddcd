import type { ModelAlias, ModelEntry } from './account.ts'

/**
 * The models under their further names. Without a fork an alias takes the place of the model's own name. A model that the
 * list does not know is served all the same: who names it knows that it is there.
 */
export function applyAliases(models: readonly ModelEntry[], aliases: readonly ModelAlias[]): readonly ModelEntry[] {
  if (aliases.length === 0) return models
  const served = new Map<string, ModelEntry>()
  const add = (entry: ModelEntry): void => {
    if (!served.has(entry.alias)) served.set(entry.alias, entry)
  }
  const known = new Map(models.map((model) => [model.name.toLowerCase(), model]))
  for (const { name, alias, displayName } of aliases) {
    const model = known.get(name.toLowerCase()) ?? { name, alias: name }
    add({ ...model, alias, displayName: displayName ?? model.displayName })
  }
  const replaced = new Set(aliases.filter(({ isFork }) => !isFork).map(({ name }) => name.toLowerCase()))
  for (const model of models) if (!replaced.has(model.name.toLowerCase())) add(model)
  return [...served.values()]
}
