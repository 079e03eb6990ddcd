import { nearest } from '../../lib/nearest.ts'
import { shortName, type AccountView } from './account-view.ts'

const NEAR_MAX = 3

/**
 * The one account that a person means: by its name with or without `.json`, by its email, or by the beginning of its
 * name where only one begins so.
 *
 * @returns a message for the person when it is none or several.
 */
export function findAccount(wanted: string, views: readonly AccountView[]): AccountView | { readonly problem: string } {
  const word = wanted.toLowerCase()
  const exact = views.find((view) => view.name === wanted || shortName(view) === wanted)
  if (exact) return exact
  const ways: readonly ((view: AccountView) => boolean)[] = [
    (view) => view.name.toLowerCase() === word || shortName(view).toLowerCase() === word,
    (view) => view.email?.toLowerCase() === word,
    (view) => view.name.toLowerCase().startsWith(word),
    (view) => view.email?.toLowerCase().startsWith(word) === true,
  ]
  for (const fits of ways) {
    const found = views.filter(fits)
    const [first] = found
    if (first && found.length === 1) return first
    if (first) return { problem: `${wanted} may be each of: ${found.map(shortName).join(', ')}` }
  }
  if (views.length === 0)
    return { problem: `there is no account ${wanted}, nor any other; cliproxy login VENDOR makes one` }
  const near = nearAccounts(wanted, views)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${views.map(shortName).join(', ')}`
  return { problem: `there is no account ${wanted}; ${hint}` }
}

/** By the whole name, by what stands before its domain, and by the email. */
function nearAccounts(wanted: string, views: readonly AccountView[]): readonly string[] {
  const names = new Map<string, string>()
  for (const view of views) {
    const name = shortName(view)
    for (const spelling of [view.email, name.replace(/@.*/, ''), name])
      if (spelling !== undefined) names.set(spelling, name)
  }
  return [...new Set(nearest(wanted, [...names.keys()], NEAR_MAX).flatMap((spelling) => names.get(spelling) ?? []))]
}
