import type { Account } from '../../src/accounts/account.ts'
import type { Candidate } from '../../src/pool/candidate.ts'

export function accountFor(id: string, options: Partial<Account> = {}): Account {
  return {
    id,
    provider: 'openai-compatibility',
    label: id,
    secret: 'key',
    baseUrl: 'http://127.0.0.1:1/v1',
    headers: {},
    priority: 0,
    excludedModels: [],
    source: 'config',
    ...options,
  }
}

export function candidateFor(id: string, upstreamModel = 'm', options: Partial<Account> = {}): Candidate {
  return { account: accountFor(id, options), upstreamModel }
}
