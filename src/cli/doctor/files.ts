import { shellWord } from '../../lib/shell-word.ts'
import type { Finding } from './finding.ts'

/** A file or folder as the system shows it. */
export interface FileFacts {
  readonly path: string
  /** Permission bits; absent: the system has none. */
  readonly mode?: number
  /** It belongs to another user. */
  readonly isForeign: boolean
}

/** Bits of everybody but the owner. */
const OTHERS = 0o077
const WORLD = 0o007

export interface AuthFolderFacts {
  readonly path: string
  /** Absent: there is no such folder. */
  readonly folder?: FileFacts
  /** Why the folder cannot be read, when it cannot. */
  readonly failure?: string
  readonly files: readonly FileFacts[]
}

/** Whether logins are readable by their owner alone. */
export function judgeAuthFolder({ path, folder, failure, files }: AuthFolderFacts): readonly Finding[] {
  const subject = 'auth-dir'
  if (failure !== undefined)
    return [{ level: 'problem', subject, text: `${path} cannot be read: ${failure}`, mend: 'give it to this user' }]
  if (!folder) return [{ level: 'note', subject, text: `${path} is not there yet; the first login makes it` }]
  const findings: Finding[] = []
  if (folder.isForeign)
    findings.push({
      level: 'warning',
      subject,
      text: `${path} belongs to another user, who can replace what is in it`,
      mend: `chown it to the user that runs cliproxy`,
    })
  if (isOpen(folder, OTHERS))
    findings.push({
      level: 'warning',
      subject,
      text: `others may look into ${path} (${octal(folder)})`,
      mend: `chmod 700 ${shellWord(path)}`,
    })
  for (const file of files) {
    if (file.isForeign)
      findings.push({
        level: 'warning',
        subject,
        text: `${file.path} belongs to another user`,
        mend: 'chown it to the user that runs cliproxy',
      })
    if (isOpen(file, OTHERS))
      findings.push({
        level: 'problem',
        subject,
        text: `others may read ${file.path} (${octal(file)}), which holds a login`,
        mend: `chmod 600 ${shellWord(file.path)}`,
      })
  }
  if (findings.length > 0) return findings
  const what = files.length === 1 ? 'the login in it is' : `the ${files.length} logins in it are`
  return [{ level: 'ok', subject, text: `${path} and ${what} this user’s alone` }]
}

/** A file with keys in it. */
export interface SecretFileFacts extends FileFacts {
  /** What it is: `config`, `auth-encryption` … */
  readonly subject: string
}

/** Whether a file with keys in it is readable by others. */
export function judgeSecretFile(file: SecretFileFacts): readonly Finding[] {
  const { subject, path } = file
  if (!isOpen(file, OTHERS)) return []
  const isWorld = isOpen(file, WORLD)
  return [
    {
      level: isWorld ? 'problem' : 'warning',
      subject,
      text: `${isWorld ? 'everybody' : 'the group'} may read ${path} (${octal(file)}), which holds keys`,
      mend: `chmod 600 ${shellWord(path)}`,
    },
  ]
}

function isOpen({ mode }: FileFacts, bits: number): boolean {
  return mode !== undefined && (mode & bits) !== 0
}

function octal({ mode = 0 }: FileFacts): string {
  return (mode & 0o777).toString(8).padStart(4, '0')
}
