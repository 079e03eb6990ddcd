import type { AuthFolder, AuthFolderOptions } from '../../accounts/files/auth-folder.ts'
import type { Machine } from '../../accounts/import/machine.ts'
import { planImport, type Plan } from '../../accounts/import/plan.ts'
import type { Finding, Program } from '../../accounts/import/program.ts'
import { PROGRAMS } from '../../accounts/import/programs.ts'
import type { NewLogin } from '../../accounts/oauth/vendor.ts'
import type { Config } from '../../config/config.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { errorText } from '../../lib/error-text.ts'
import { readBoolean, readText } from '../../lib/json.ts'
import { relativeTime } from '../../lib/relative-time.ts'
import { lines, plainLine } from '../table.ts'

export interface ImportCommand {
  readonly loaded: LoadedConfig
  readonly isDryRun: boolean
}

/** What an import needs of the world. */
export interface ImportTools {
  readonly machine: Machine
  readonly openFolder: (options: AuthFolderOptions) => AuthFolder
  /** Asks Google for the project of a login that names none. @throws {OauthError} */
  readonly withProject: (login: NewLogin, config: Config) => Promise<NewLogin>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Takes whole lines, with their line ends. */
  readonly print: (text: string) => void
}

type LoginFinding = Extract<Finding, { type: 'login' }>

const TEXT_CHARS_MAX = 120

/**
 * `cliproxy import`: takes the logins of other programs on this machine over into `auth-dir`. Their files are only read.
 * Prints no token.
 *
 * @returns the exit code: 0 when whatever was found is served now (or would be).
 */
export async function runImport({ loaded, isDryRun }: ImportCommand, tools: ImportTools): Promise<0 | 1> {
  const { machine, print } = tools
  const found = PROGRAMS.map((program) => ({ program, finding: program.find(machine) }))
  let folder: AuthFolder
  try {
    const { authDir, authEncryption } = loaded.config
    folder = tools.openFolder({ path: authDir, encryption: authEncryption, environment: machine.environment })
  } catch (error) {
    print(lines([`the folder of logins cannot be used: ${errorText(error)}`]))
    return 1
  }
  let isGood = true
  const taken: Program[] = []
  for (const { program, finding } of found) {
    if (finding.type === 'nothing') {
      if (finding.notes.length > 0) print(lines([program.title, ...finding.notes.map(indented)]))
      continue
    }
    print(lines([`${program.title}: ${shortPath(finding.path, machine)}`]))
    if (finding.type === 'broken') {
      print(lines([indented(`not imported: the file ${finding.problem}`)]))
      isGood = false
      continue
    }
    print(lines([indented(summaryOf(finding, tools.clock())), ...finding.notes.map(indented)]))
    try {
      const { text, isTaken } = await takeOver(program, finding, { folder, isDryRun, tools, config: loaded.config })
      print(lines(text.map(indented)))
      if (isTaken) taken.push(program)
    } catch (error) {
      print(lines([indented(`not imported: ${errorText(error)}`)]))
      isGood = false
    }
  }
  print(lines(closing(found, taken, isDryRun)))
  return isGood ? 0 : 1
}

interface Taking {
  readonly folder: AuthFolder
  readonly isDryRun: boolean
  readonly tools: ImportTools
  readonly config: Config
}

async function takeOver(
  { vendor }: Program,
  { path, login: found }: LoginFinding,
  { folder, isDryRun, tools, config }: Taking,
): Promise<{ readonly text: readonly string[]; readonly isTaken: boolean }> {
  const entries = folder.list()
  const planFor = (login: NewLogin): Plan => planImport({ vendor, path, login }, { entries, now: tools.clock() })
  let plan = planFor(found)
  const notes: string[] = []
  if (vendor === 'gemini' && plan.type === 'write' && readText(found.profile['project_id']) === undefined) {
    const { login, note } = isDryRun ? { login: found, note: ASKED_LATER } : await findProject(found, tools, config)
    notes.push(note)
    plan = planFor(login)
  }
  if (!isDryRun) {
    if (plan.type === 'write') await folder.write(plan.name, plan.fields)
    if (plan.type === 'renew') await folder.update(plan.name, plan.change)
  }
  const stored = entries.find(({ name }) => name === plan.name)
  const isDisabled = stored && 'fields' in stored && readBoolean(stored.fields['disabled']) === true
  if (isDisabled) notes.push(`it is disabled: cliproxy accounts enable ${plan.name}`)
  return { text: [planText(plan, isDryRun), ...notes], isTaken: plan.type !== 'keep' }
}

const ASKED_LATER = 'Google would be asked for its project'

/** Code Assist is used in a project that Gemini CLI asks for each time. */
async function findProject(
  login: NewLogin,
  { withProject }: ImportTools,
  config: Config,
): Promise<{ readonly login: NewLogin; readonly note: string }> {
  try {
    const whole = await withProject(login, config)
    return { login: whole, note: `used in the project ${readText(whole.profile['project_id']) ?? ''}` }
  } catch (error) {
    const reason = plainLine(errorText(error), TEXT_CHARS_MAX)
    return {
      login,
      note: `its project is not known (${reason}); if Google wants one: cliproxy login gemini --project-id ID`,
    }
  }
}

function planText(plan: Plan, isDryRun: boolean): string {
  switch (plan.type) {
    case 'write': {
      const rival =
        plan.rival === undefined
          ? ''
          : `; ${plan.rival} came from the same place: if it is the same account, cliproxy accounts remove ${plan.rival}`
      return `${isDryRun ? 'would write' : 'wrote'} ${plan.name}${rival}`
    }
    case 'renew':
      return `${isDryRun ? 'would renew' : 'renewed'} ${plan.name}, whose token is older`
    case 'keep':
      return keptText(plan.name, plan.reason)
  }
}

function keptText(name: string, reason: Extract<Plan, { type: 'keep' }>['reason']): string {
  switch (reason) {
    case 'same':
      return `kept ${name}: it has this token already`
    case 'newer':
      return `kept ${name}: its token is newer`
    case 'age-unknown':
      return `kept ${name}: nothing says which token is newer; to take this one, cliproxy accounts remove ${name} first`
  }
}

function summaryOf({ login }: LoginFinding, now: number): string {
  const { tokens, profile } = login
  const { expiresAt, refreshToken } = tokens
  const plan = readText(profile['plan_type']) ?? readText(profile['subscription_type'])
  const parts = [
    plainLine(readText(profile['email']) ?? 'an account that the file does not name', TEXT_CHARS_MAX),
    ...(plan === undefined ? [] : [`plan ${plainLine(plan, TEXT_CHARS_MAX)}`]),
    ...(expiresAt === undefined
      ? []
      : [`token ${expiresAt > now ? 'expires' : 'expired'} ${relativeTime(expiresAt, now)}`]),
    ...(refreshToken === undefined ? ['no refresh token: it cannot be renewed'] : []),
  ]
  return parts.join(', ')
}

function closing(
  found: readonly { readonly program: Program; readonly finding: Finding }[],
  taken: readonly Program[],
  isDryRun: boolean,
): readonly string[] {
  const missing = found.filter(({ finding }) => finding.type === 'nothing').map(({ program }) => program.title)
  const rotating = taken.filter(({ isRotating }) => isRotating)
  return [
    ...(missing.length === 0 ? [] : [`no login of ${missing.join(', ')}`]),
    ...(missing.length === found.length ? ['nothing to import; cliproxy login VENDOR makes a login'] : []),
    ...(rotating.length === 0 ? [] : ['', ...ownerWarning(rotating, isDryRun)]),
  ]
}

function ownerWarning(programs: readonly Program[], isDryRun: boolean): readonly string[] {
  return [
    'A refresh token that rotates has one owner: whoever uses it first logs the other one out.',
    `cliproxy ${isDryRun ? 'would own' : 'owns'} these now; point each program at it, or log in there anew:`,
    ...programs.map(({ title, client }) =>
      indented(
        client === undefined ? `${title}: log in there anew` : `${title}: cliproxy run ${client}, or log in there anew`,
      ),
    ),
  ]
}

/** A path as people write it. */
function shortPath(path: string, { home }: Machine): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

function indented(text: string): string {
  return `  ${text}`
}
