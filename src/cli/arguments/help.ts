import {
  COMMANDS,
  FLAGS,
  GENERAL_FLAGS,
  rows,
  type Command,
  type CommandName,
  type Flag,
  type FlagName,
} from './commands.ts'
import { lines } from '../table.ts'

/** What `cliproxy --help` prints. */
export function helpText(version: string): string {
  const { serve } = COMMANDS
  return lines([
    `cliproxy ${version}: one address for your LLM clients, in front of the LLM accounts you already pay for`,
    '',
    'Usage: cliproxy [COMMAND] [FLAGS]',
    '',
    'Commands:',
    ...rows(Object.entries<Command>(COMMANDS).map(([name, { summary }]) => [name, summary])),
    '',
    'Flags of serve:',
    ...flagRows([...serve.flags, ...GENERAL_FLAGS]),
    '',
    ...serve.notes,
    'cliproxy help COMMAND prints what a command takes. The login flags of CLIProxyAPI are understood too.',
  ])
}

/** What `cliproxy help COMMAND` prints. */
export function commandHelp(name: CommandName): string {
  const { summary, words, flags, notes }: Command = COMMANDS[name]
  return lines([
    `cliproxy ${name}: ${summary}`,
    '',
    `Usage: cliproxy ${[name, words, flags.length > 0 ? '[FLAGS]' : ''].filter((word) => word !== '').join(' ')}`,
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...(flags.length > 0 ? ['', 'Flags:', ...flagRows(flags)] : []),
  ])
}

function flagRows(names: readonly FlagName[]): readonly string[] {
  return rows(
    names.map((name) => {
      const { short, value, help }: Flag = FLAGS[name]
      return [`${short === undefined ? '   ' : `-${short},`} --${name}${value === undefined ? '' : ` ${value}`}`, help]
    }),
  )
}
