import { describe, expect, test } from 'bun:test'
import { helpText, readArguments } from '../../src/cli/arguments.ts'

const NOTHING = { config: undefined, host: undefined, port: undefined }

describe('the command line', () => {
  test.each([
    ['', { command: 'serve', ...NOTHING }],
    ['serve', { command: 'serve', ...NOTHING }],
    ['check --config a.yaml', { command: 'check', ...NOTHING, config: 'a.yaml' }],
    ['--config a.yaml models', { command: 'models', ...NOTHING, config: 'a.yaml' }],
    ['-config a.yaml', { command: 'serve', ...NOTHING, config: 'a.yaml' }],
    ['-config=a.yaml', { command: 'serve', ...NOTHING, config: 'a.yaml' }],
    ['-c a.yaml -p 8318', { command: 'serve', ...NOTHING, config: 'a.yaml', port: 8318 }],
    ['--host=:: --port=0', { command: 'serve', ...NOTHING, host: '::', port: 0 }],
    ['--help', { command: 'help' }],
    ['-h', { command: 'help' }],
    ['check -help', { command: 'help' }],
    ['help', { command: 'help' }],
    ['--version', { command: 'version' }],
    ['version', { command: 'version' }],
  ] as const)('%j is understood', (line, invocation) => {
    expect(readArguments(line.split(' ').filter((word) => word !== ''))).toEqual(invocation)
  })

  test.each([
    ['--confg a', 'there is no flag --confg; did you mean --config?'],
    ['-x', 'there is no flag -x'],
    ['--prot 1', 'there is no flag --prot; did you mean --port?'],
    ['--claude-login', '--claude-login of CLIProxyAPI is not served yet'],
    ['--config', '--config needs a value: --config FILE'],
    ['--config --debug', '--config needs a value: --config FILE'],
    ['--port x', '--port is x; allowed: a whole number from 0 to 65535'],
    ['--port 70000', '--port is 70000; allowed: a whole number from 0 to 65535'],
    ['--help=yes', '--help takes no value'],
    ['chekc', 'there is no command chekc; did you mean check?'],
    ['check a.yaml', 'check takes no further words, but there is a.yaml'],
  ])('%j is refused', (line, message) => {
    expect(readArguments(line.split(' '))).toEqual({
      command: 'misuse',
      message: `${message}\ncliproxy --help lists commands and flags`,
    })
  })
})

test('the help lists commands and flags', () => {
  expect(helpText('1.2.3')).toMatchInlineSnapshot(`
    "cliproxy 1.2.3: one address for your LLM clients, in front of the LLM accounts you already pay for

    Usage: cliproxy [COMMAND] [FLAGS]

    Commands:
      serve   run the proxy (the default)
      check   validate the configuration; print what would be served, by whom
      models  list the models that would be served

    Flags:
      -c, --config FILE   the configuration file
          --host ADDRESS  listen on this address instead of the file’s
      -p, --port PORT     listen on this port instead of the file’s
      -v, --version       print the version
      -h, --help          print this

    Without --config: ./config.yaml, else ~/.cli-proxy-api/config.yaml, else the defaults.
    Keys such as ANTHROPIC_API_KEY and OPENAI_API_KEY are taken from the environment (env-accounts: false stops that).
    "
  `)
})
