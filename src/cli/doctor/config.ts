import type { Finding } from './finding.ts'

/** What loading the config gave. */
export interface ConfigFacts {
  /** Absent: there is no file. */
  readonly path?: string
  /** One line each; any makes the config invalid. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** Whether the config loads. */
export function judgeConfig({ path, problems, warnings }: ConfigFacts): readonly Finding[] {
  const findings: Finding[] = problems.map((text) => ({
    level: 'problem',
    subject: 'config',
    text,
    mend: 'correct it; config.example.yaml shows every key',
  }))
  if (problems.length === 0)
    findings.push({
      level: 'ok',
      subject: 'config',
      text: path === undefined ? 'there is no file, the defaults count' : `${path} is valid`,
    })
  return [...findings, ...warnings.map((text): Finding => ({ level: 'warning', subject: 'config', text }))]
}

/** Who reaches the proxy, and how. */
export interface ExposureFacts {
  readonly host: string
  /** Only this machine reaches it. */
  readonly isLoopback: boolean
  readonly hasTls: boolean
}

/** Whether keys travel in the clear. */
export function judgeExposure({ host, isLoopback, hasTls }: ExposureFacts): readonly Finding[] {
  const where = host === '' ? 'every network of this machine' : host
  if (isLoopback) return [{ level: 'ok', subject: 'host', text: `only this machine reaches ${where}` }]
  if (hasTls) return [{ level: 'ok', subject: 'host', text: `${where} is reached over TLS` }]
  return [
    {
      level: 'warning',
      subject: 'host',
      text: `${where} is open without TLS: keys and answers travel in the clear`,
      mend: 'set tls, put a proxy with TLS before it, or host: 127.0.0.1',
    },
  ]
}
