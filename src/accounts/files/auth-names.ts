import { type Fields, readText } from '../../lib/json.ts'
import type { VendorId } from '../oauth/vendor.ts'

/** What the name of a login's file is made of. */
export interface NameParts {
  readonly vendor: VendorId
  readonly fields: Fields
  /** What the user pays for, as Codex's tokens say it. */
  readonly plan?: string
  /** The vendor's id of the account. */
  readonly accountId?: string
  /** Milliseconds since the epoch: it names a login of nobody. */
  readonly now: number
}

/** Longest part of a name, so that the whole fits every file system. */
const PART_CHARS_MAX = 80

/** The name of a new login's file, with `.json`, as CPA gives it. */
export function authNameFor(parts: NameParts): string {
  return `${[parts.vendor, ...partsOf(parts)].join('-')}.json`
}

function partsOf({ vendor, fields, plan, accountId, now }: NameParts): readonly string[] {
  const email = namePart(readText(fields['email']))
  const project = readText(fields['project_id'])
  switch (vendor) {
    case 'claude':
    case 'qwen':
      return [email ?? String(now)]
    case 'codex': {
      const planPart = planName(plan)
      // Several workspaces of one team have the same email and plan.
      const account = planPart === 'team' && accountId !== undefined ? [shortHash(accountId)] : []
      return [...account, email ?? String(now), ...(planPart === undefined ? [] : [planPart])]
    }
    case 'gemini': {
      const isMany = project !== undefined && (project.includes(',') || project.toLowerCase() === 'all')
      return [
        email ?? String(now),
        ...(isMany ? ['all'] : project === undefined ? [] : [namePart(project) ?? 'project']),
      ]
    }
    case 'kimi':
      return [String(now)]
    case 'xai':
      return [xaiPart(readText(fields['email'])) ?? xaiPart(readText(fields['sub'])) ?? String(now)]
    case 'vertex': {
      const prefix = vertexPart(readText(fields['prefix']))
      return [...(prefix === undefined ? [] : [prefix]), vertexPart(project) ?? String(now)]
    }
  }
}

/** A part without what separates paths. */
function namePart(text: string | undefined): string | undefined {
  return readText(
    text
      ?.trim()
      .replaceAll(/[/\\:\p{Cc}]/gu, '_')
      .slice(0, PART_CHARS_MAX),
  )
}

/** @see CLIProxyAPI `internal/auth/codex/filename.go`: `ChatGPT Plus` → `chatgpt-plus`. */
function planName(plan: string | undefined): string | undefined {
  const words = plan?.toLowerCase().match(/[\p{L}\p{Nd}]+/gu)
  return namePart(words?.join('-'))
}

/** @see CLIProxyAPI `internal/auth/xai/token.go`. */
function xaiPart(text: string | undefined): string | undefined {
  return namePart(
    text
      ?.trim()
      .replaceAll(/[^A-Za-z0-9@._-]/g, '-')
      .replaceAll(/^-+|-+$/g, ''),
  )
}

/** @see CLIProxyAPI `internal/cmd/vertex_import.go`. */
function vertexPart(text: string | undefined): string | undefined {
  return namePart(text?.trim().replaceAll(' ', '-'))
}

function shortHash(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 8)
}
