import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readArguments } from '../../src/cli/arguments/arguments.ts'
import { COMMANDS, type CommandName } from '../../src/cli/arguments/commands.ts'
import { commandHelp, helpText } from '../../src/cli/arguments/help.ts'

function read(line: string) {
  return readArguments(line.split(' ').filter((word) => word !== ''))
}

const LOGIN = { command: 'login', noBrowser: false, isDevice: false }
const ACCOUNTS = { command: 'accounts', name: '', isJson: false, isSure: false }
const RUN = { command: 'run', isPrint: false, args: [] }

describe('the command line', () => {
  test.each([
    ['', { command: 'serve' }],
    ['serve', { command: 'serve' }],
    ['check --config a.yaml', { command: 'check', config: 'a.yaml' }],
    ['--config a.yaml models', { command: 'models', config: 'a.yaml' }],
    ['-config a.yaml', { command: 'serve', config: 'a.yaml' }],
    ['-config=a.yaml', { command: 'serve', config: 'a.yaml' }],
    ['-c a.yaml -p 8318', { command: 'serve', config: 'a.yaml', port: 8318 }],
    ['--host=:: --port=0', { command: 'serve', host: '::', port: 0 }],
    ['doctor -p 1', { command: 'doctor', port: 1 }],
    ['--help', { command: 'help' }],
    ['-h', { command: 'help' }],
    ['help', { command: 'help' }],
    ['check -help', { command: 'help', topic: 'check' }],
    ['help login', { command: 'help', topic: 'login' }],
    ['login --help', { command: 'help', topic: 'login' }],
    ['accounts remove --help', { command: 'help', topic: 'accounts' }],
    ['help login --help', { command: 'help', topic: 'login' }],
    ['-claude-login -h', { command: 'help', topic: 'login' }],
    ['--version', { command: 'version' }],
    ['version', { command: 'version' }],
    ['login claude', { ...LOGIN, vendor: 'claude' }],
    [
      'login claude --no-browser --callback-port 1234',
      { ...LOGIN, vendor: 'claude', noBrowser: true, callbackPort: 1234 },
    ],
    ['login claude --callback-port 0', { ...LOGIN, vendor: 'claude' }],
    ['login codex --device -c a.yaml', { ...LOGIN, vendor: 'codex', isDevice: true, config: 'a.yaml' }],
    ['login gemini --project-id ALL', { ...LOGIN, vendor: 'gemini', projectId: 'ALL' }],
    ['login gemini --project_id a,b', { ...LOGIN, vendor: 'gemini', projectId: 'a,b' }],
    ['login qwen', { ...LOGIN, vendor: 'qwen' }],
    ['login kimi --device', { ...LOGIN, vendor: 'kimi', isDevice: true }],
    ['login xai', { ...LOGIN, vendor: 'xai' }],
    ['login vertex --key-file k.json --prefix v', { ...LOGIN, vendor: 'vertex', keyFile: 'k.json', prefix: 'v' }],
    ['import', { command: 'import', isDryRun: false }],
    ['import --dry-run --config a.yaml', { command: 'import', isDryRun: true, config: 'a.yaml' }],
    ['accounts', { ...ACCOUNTS, action: 'list' }],
    ['accounts --json', { ...ACCOUNTS, action: 'list', isJson: true }],
    ['accounts disable a', { ...ACCOUNTS, action: 'disable', name: 'a' }],
    ['accounts enable a', { ...ACCOUNTS, action: 'enable', name: 'a' }],
    ['accounts remove a', { ...ACCOUNTS, action: 'remove', name: 'a' }],
    ['accounts remove a -y', { ...ACCOUNTS, action: 'remove', name: 'a', isSure: true }],
    ['accounts test a', { ...ACCOUNTS, action: 'test', name: 'a' }],
    ['accounts encrypt', { ...ACCOUNTS, action: 'encrypt' }],
    ['accounts decrypt', { ...ACCOUNTS, action: 'decrypt' }],
    ['run claude', { ...RUN, client: 'claude' }],
    ['run codex -m gpt-5 -p 1', { ...RUN, client: 'codex', model: 'gpt-5', port: 1 }],
    ['run opencode --print', { ...RUN, client: 'opencode', isPrint: true }],
    ['run claude -- -p --help x', { ...RUN, client: 'claude', args: ['-p', '--help', 'x'] }],
    ['run gemini -- -- -config', { ...RUN, client: 'gemini', args: ['--', '-config'] }],
    ['run qwen --', { ...RUN, client: 'qwen' }],
  ])('%j is understood', (line, invocation) => {
    expect(withoutAbsent(read(line))).toEqual(invocation)
  })

  test.each([
    ['-login', { ...LOGIN, vendor: 'gemini' }],
    ['--login --project_id p --no-browser', { ...LOGIN, vendor: 'gemini', projectId: 'p', noBrowser: true }],
    ['--claude-login', { ...LOGIN, vendor: 'claude' }],
    ['-claude-login -no-browser', { ...LOGIN, vendor: 'claude', noBrowser: true }],
    ['-claude-login=true -no-browser=false', { ...LOGIN, vendor: 'claude' }],
    ['--codex-login -oauth-callback-port 1456', { ...LOGIN, vendor: 'codex', callbackPort: 1456 }],
    ['--codex-device-login', { ...LOGIN, vendor: 'codex', isDevice: true }],
    ['--qwen-login', { ...LOGIN, vendor: 'qwen' }],
    ['--kimi-login', { ...LOGIN, vendor: 'kimi' }],
    ['--kimi-login -oauth-callback-port 0', { ...LOGIN, vendor: 'kimi' }],
    ['--config a.yaml --xai-login', { ...LOGIN, vendor: 'xai', config: 'a.yaml' }],
    ['-vertex-import k.json -vertex-import-prefix v', { ...LOGIN, vendor: 'vertex', keyFile: 'k.json', prefix: 'v' }],
    ['-vertex-import=k.json', { ...LOGIN, vendor: 'vertex', keyFile: 'k.json' }],
    ['-claude-login=false', { command: 'serve' }],
  ])('CLIProxyAPI’s %j is understood', (line, invocation) => {
    expect(withoutAbsent(read(line))).toEqual(invocation)
  })

  test.each([
    [
      '--confg a',
      'there is no flag --confg; did you mean --config?; allowed: --config, --host, --port, --version or --help',
    ],
    ['-x', 'there is no flag -x; allowed: --config, --host, --port, --version or --help'],
    [
      'check --prot 1',
      'there is no flag --prot; did you mean --port?; allowed: --config, --host, --port, --version or --help',
    ],
    [
      'check --model x',
      'check has no flag --model, but run has; allowed: --config, --host, --port, --version or --help',
    ],
    [
      'import --port 1',
      'import has no flag --port, but serve, check, models, run and doctor have; allowed: --config, --dry-run, --version or --help',
    ],
    ['help --json', 'help has no flag --json, but accounts has; allowed: --version or --help'],
    [
      'run claude --continue',
      'there is no flag --continue; allowed: --config, --host, --port, --model, --print, --version or --help; what is for the client stands behind --',
    ],
    ['--antigravity-login', '--antigravity-login of CLIProxyAPI is not served yet'],
    ['-tui', '--tui of CLIProxyAPI is not served yet'],
    ['-password x', '--password of CLIProxyAPI is not served yet'],
    ['--config', '--config needs a value: --config FILE'],
    ['--config=', '--config needs a value: --config FILE'],
    ['--config --debug', '--config needs a value: --config FILE'],
    ['--vertex-import', '--vertex-import needs a value: --vertex-import FILE'],
    ['--port x', '--port is x; allowed: a whole number from 0 to 65535'],
    ['--port 70000', '--port is 70000; allowed: a whole number from 0 to 65535'],
    ['login claude --callback-port x', '--callback-port is x; allowed: a whole number from 0 to 65535'],
    ['--help=yes', '--help takes no value'],
    ['--claude-login=maybe', '--claude-login takes no value'],
    ['chekc', /^there is no command chekc; did you mean check\?; allowed: serve, check, models, login,/],
    ['help chekc', /^there is no command chekc; did you mean check\?/],
    ['help login now', 'help takes one command, but there is now too'],
    ['check a.yaml', 'check takes no further words, but there is a.yaml'],
    ['check -- a', 'check takes nothing behind --'],
    ['import codex', 'import takes no further words, but there is codex'],
    ['login', 'login needs a vendor: claude, codex, gemini, qwen, kimi, xai or vertex'],
    [
      'login clade',
      'there is no vendor clade; did you mean claude?; allowed: claude, codex, gemini, qwen, kimi, xai or vertex',
    ],
    ['login claude codex', 'login takes one vendor, but there is codex too'],
    ['login claude --device', '--device says nothing to claude; it is for codex, qwen, kimi or xai'],
    ['login gemini --device', '--device says nothing to gemini; it is for codex, qwen, kimi or xai'],
    ['login qwen --callback-port 1', '--callback-port says nothing to qwen; it is for claude, codex or gemini'],
    ['--kimi-login -oauth-callback-port 1', '--callback-port says nothing to kimi; it is for claude, codex or gemini'],
    [
      'login vertex --key-file f --callback-port 1',
      '--callback-port says nothing to vertex; it is for claude, codex or gemini',
    ],
    ['login codex --project-id p', '--project-id says nothing to codex; it is for gemini'],
    ['login codex --key-file f', '--key-file says nothing to codex; it is for vertex'],
    ['login qwen --key-file f', '--key-file says nothing to qwen; it is for vertex'],
    ['login xai --prefix p', '--prefix says nothing to xai; it is for vertex'],
    ['login vertex', 'login vertex needs the key file of a service account: cliproxy login vertex --key-file FILE'],
    [
      'serve --claude-login',
      '--claude-login stands without a command, as in CLIProxyAPI; here it is cliproxy login claude',
    ],
    ['--claude-login --codex-login', 'one login at a time: --claude-login or --codex-login'],
    [
      'accounts rmove a',
      'there is no action rmove; did you mean remove?; allowed: disable, enable, remove, test, encrypt or decrypt',
    ],
    [
      'accounts test',
      'accounts test needs the name of an account: cliproxy accounts test NAME; cliproxy accounts lists them',
    ],
    ['accounts test a b', 'accounts test takes no further words, but there is b'],
    ['accounts encrypt a', 'accounts encrypt takes no further words, but there is a'],
    ['accounts test a --json', '--json is for the list alone: cliproxy accounts --json'],
    ['accounts disable a --yes', '--yes is for accounts remove alone'],
    ['run', 'run needs a client: claude, codex, gemini, qwen or opencode'],
    ['run gemni', /^there is no client gemni; did you mean gemini\?/],
    ['run code', /^there is no client code; did you mean codex\?/],
    ['run claude hello', 'run takes one client; what is for claude stands behind --: cliproxy run claude -- hello'],
  ])('%j is refused', (line, message) => {
    const refusal = read(line)
    if (refusal.command !== 'misuse') throw new Error('it was taken')
    const [first, second, ...more] = refusal.message.split('\n')
    if (typeof message === 'string') expect(first).toBe(message)
    else expect(first).toMatch(message)
    expect(second).toMatch(/^cliproxy (--help lists commands and flags|help \w+ says what it takes)$/)
    expect(more).toEqual([])
  })

  test('never throws, whatever the words', () => {
    const word = fc.oneof(
      fc.constantFrom(...Object.keys(COMMANDS), '--', '-login', '--config', '-p', '1', 'remove', 'claude', '__proto__'),
      fc.constantFrom('--__proto__', '--constructor', '-toString=1', '--no-config', '-', '-=', '--='),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(fc.property(fc.array(word, { maxLength: 5 }), (words) => readArguments(words).command !== undefined))
  })
})

function withoutAbsent(invocation: object): object {
  return Object.fromEntries(Object.entries(invocation).filter(([, value]) => value !== undefined))
}

test.each(Object.keys(COMMANDS))('the help of %s stands in 120 columns and names each of its flags', (name) => {
  const command = name as CommandName
  const text = commandHelp(command)
  for (const flag of COMMANDS[command].flags) expect(text).toContain(`--${flag}`)
  expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
})

test('the help of a command says how it is used', () => {
  expect(commandHelp('login')).toMatchInlineSnapshot(`
    "cliproxy login: log in with a subscription; the login is kept in auth-dir

    Usage: cliproxy login VENDOR [FLAGS]

    Vendors:
      claude  Anthropic’s Claude Pro, Max and Team
      codex   OpenAI’s ChatGPT plans, as Codex uses them
      gemini  Google’s Gemini Code Assist, as Gemini CLI uses it
      qwen    Alibaba’s Qwen Code
      kimi    Moonshot’s Kimi Code
      xai     xAI’s Grok
      vertex  Google’s Vertex AI: imports the key file of a service account

    Flags:
      -c, --config FILE         the configuration file
          --no-browser          only print the address of the login’s page
          --device              a code to type in on any device, in place of a page on this one
          --callback-port PORT  wait for the browser on this port instead of the vendor’s
          --project-id ID       Google’s project: one, several with commas, or ALL
          --key-file FILE       the key file of the service account
          --prefix NAME         serve the account’s models as NAME/model
    "
  `)
})

test('the help lists commands and flags', () => {
  expect(helpText('1.2.3')).toMatchInlineSnapshot(`
    "cliproxy 1.2.3: one address for your LLM clients, in front of the LLM accounts you already pay for

    Usage: cliproxy [COMMAND] [FLAGS]

    Commands:
      serve     run the proxy (the default)
      check     validate the configuration; print what would be served, by whom
      models    list the models that would be served
      login     log in with a subscription; the login is kept in auth-dir
      import    take over the logins of Claude Code, Codex, Gemini CLI, Qwen Code and Kimi CLI on this machine
      accounts  show the accounts; disable, enable, remove, test, encrypt or decrypt them
      run       start a client on this proxy
      doctor    look for what is wrong with the configuration, the accounts and the clients
      help      print this, or what a command takes
      version   print the version

    Flags of serve:
      -c, --config FILE   the configuration file
          --host ADDRESS  listen on this address instead of the file’s
      -p, --port PORT     listen on this port instead of the file’s
      -v, --version       print the version
      -h, --help          print this

    Without --config: ./config.yaml, else ~/.cli-proxy-api/config.yaml, else the defaults.
    Keys such as ANTHROPIC_API_KEY and OPENAI_API_KEY are taken from the environment (env-accounts: false stops that).
    cliproxy help COMMAND prints what a command takes. The login flags of CLIProxyAPI are understood too.
    "
  `)
})
