import type { ModelAlias, ModelEntry } from './account.ts'

/**
 * The models under their further names. Without a fork an alias takes the place of the model's own name; one that is
 * another model's name makes a pool of the two. A model that the list does not know is served all the same: who names it
 * knows that it is there.
 */
export function applyAliases(models: readonly ModelEntry[], aliases: readonly ModelAlias[]): readonly ModelEntry[] {
  if (aliases.length === 0) return models
  const known = new Map(models.map((model) => [model.name.toLowerCase(), model]))
  const replaced = new Set(aliases.filter(({ isFork }) => !isFork).map(({ name }) => name.toLowerCase()))
  const aliased = aliases.map(({ name, alias, displayName }) => {
    const model = known.get(name.toLowerCase())
    return { ...model, name: model?.name ?? name, alias, displayName: displayName ?? model?.displayName }
  })
  return [
    ...models.filter(
      (model) => !replaced.has(model.name.toLowerCase()) && !aliased.some((entry) => isSame(entry, model)),
    ),
    ...aliased,
  ]
}

function isSame(one: ModelEntry, other: ModelEntry): boolean {
  return one.name === other.name && one.alias === other.alias
}
