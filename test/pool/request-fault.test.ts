import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/ir/fault.ts'
import type { JsonValue } from '../../src/ir/json.ts'
import { blameFor, type CoolingReason } from '../../src/pool/cooling.ts'
import { isRequestFault } from '../../src/pool/request-fault.ts'
import { brokenConnection, httpFault } from './faults.ts'

type Row = readonly [what: string, status: number, body: JsonValue | string]

/** The bodies are those that the vendors sent. */
const requestFaults: readonly Row[] = [
  [
    'Anthropic, prompt too long',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 3333404 tokens > 200000 maximum' },
    },
  ],
  [
    'Anthropic, a role that the model lacks',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: "role 'system' is not supported on this model" },
    },
  ],
  [
    'Anthropic, an effort that the model lacks',
    400,
    {
      error: {
        message: "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
        type: 'invalid_request_error',
      },
    },
  ],
  [
    'Anthropic, fast mode',
    429,
    { type: 'error', error: { type: 'rate_limit_error', message: 'fast request rejected' } },
  ],
  [
    'Anthropic, fast mode without credits',
    429,
    { type: 'error', error: { type: 'rate_limit_error', message: 'Fast mode needs extra usage credits' } },
  ],
  [
    'OpenAI, an option that the model lacks',
    400,
    {
      error: {
        code: null,
        message: 'Web search options not supported with this model.',
        param: 'web_search_options',
        type: 'invalid_request_error',
      },
    },
  ],
  [
    'OpenAI, context length',
    400,
    {
      error: {
        message: 'Your input exceeds the context window of this model.',
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
      },
    },
  ],
  ['OpenAI, context length under 500', 500, { error: { message: 'too long', code: 'context_length_exceeded' } }],
  ['OpenAI, policy', 403, { error: { message: 'refused', code: 'cyber_policy' } }],
  [
    'OpenAI, previous response',
    404,
    { error: { message: 'Previous response not found.', code: 'previous_response_not_found' } },
  ],
  [
    'OpenAI, an item that was not stored',
    404,
    { error: { message: "Item with id 'rs_1' not found. Items are not persisted when store is set to false." } },
  ],
  [
    'Google, invalid argument',
    400,
    { error: { code: 400, message: 'Request contains an invalid argument.', status: 'INVALID_ARGUMENT' } },
  ],
  ['Groq, tool call', 400, { error: { code: 'tool_use_failed', message: 'Tool call validation failed' } }],
  [
    'llama.cpp, context size',
    400,
    {
      error: {
        code: 400,
        message: 'request (2009 tokens) exceeds the available context size',
        type: 'exceed_context_size_error',
      },
    },
  ],
  [
    'Mistral, extra field',
    422,
    { object: 'error', message: { detail: [{ type: 'extra_forbidden' }] }, type: 'invalid_request_error' },
  ],
  ['too large', 413, 'Payload Too Large'],
  ['conflict', 409, ''],
  ['unsupported media', 415, ''],
]

test.each(requestFaults)(
  '%s is the fault of the request: nobody cools, nobody else is tried',
  (_what, status, body) => {
    const fault = httpFault(status, body)
    expect(isRequestFault(fault)).toBe(true)
    expect(blameFor(fault, undefined)).toBeUndefined()
  },
)

const accountFaults: readonly (readonly [...Row, CoolingReason, 'model' | 'account'])[] = [
  [
    'Anthropic, invalid key',
    401,
    { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } },
    'unauthorized',
    'account',
  ],
  [
    'Anthropic, no credit',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' },
    },
    'billing',
    'account',
  ],
  [
    'Anthropic, disabled',
    400,
    { type: 'error', error: { type: 'invalid_request_error', message: 'This organization has been disabled.' } },
    'forbidden',
    'account',
  ],
  [
    'Anthropic, overloaded',
    529,
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    'transient',
    'model',
  ],
  [
    'OpenAI, invalid key with a request type',
    401,
    { error: { message: 'Incorrect API key provided: test.', type: 'invalid_request_error', code: 'invalid_api_key' } },
    'unauthorized',
    'account',
  ],
  [
    'OpenAI, quota spent',
    429,
    { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
    'quota',
    'account',
  ],
  [
    'OpenAI, rate limit',
    429,
    { error: { message: 'Rate limit reached', type: 'tokens', code: 'rate_limit_exceeded' } },
    'quota',
    'model',
  ],
  [
    'OpenAI, deprecated model',
    404,
    {
      error: {
        message: 'The model `gpt-3.5-turbo-0613` has been deprecated',
        type: 'invalid_request_error',
        code: 'model_not_found',
      },
    },
    'unknown-model',
    'model',
  ],
  [
    'OpenAI, model under 400',
    400,
    {
      error: {
        code: 'model_not_found',
        message: "The requested model 'gpt-x' does not exist.",
        type: 'invalid_request_error',
      },
    },
    'unsupported-model',
    'model',
  ],
  [
    'Copilot, model under 400',
    400,
    {
      error: {
        message: 'The requested model is not supported.',
        code: 'model_not_supported',
        type: 'invalid_request_error',
      },
    },
    'unsupported-model',
    'model',
  ],
  ['Codex, plan', 400, { detail: "The 'gpt-6' model is not available for your plan" }, 'unsupported-model', 'model'],
  [
    'DeepSeek, model',
    400,
    {
      error: {
        code: 'invalid_request_error',
        message: 'The supported API model names are deepseek-v4-pro or deepseek-v4-flash, but you passed x.',
        type: 'invalid_request_error',
      },
    },
    'unsupported-model',
    'model',
  ],
  ['xAI, model', 400, { code: 'invalid-argument', error: 'Model not found: grok-x' }, 'unsupported-model', 'model'],
  [
    'xAI, key',
    400,
    {
      code: 'invalid-argument',
      error: 'Incorrect API key provided. You can obtain an API key from https://console.x.ai.',
    },
    'unauthorized',
    'account',
  ],
  [
    'Google, key',
    400,
    {
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [{ reason: 'API_KEY_INVALID' }],
      },
    },
    'unauthorized',
    'account',
  ],
  [
    'Google, place',
    400,
    { error: { code: 400, message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' } },
    'forbidden',
    'account',
  ],
  [
    'Google, model',
    404,
    {
      error: {
        code: 404,
        message: 'models/x is not found for API version v1beta, or is not supported for generateContent.',
        status: 'NOT_FOUND',
      },
    },
    'unknown-model',
    'model',
  ],
  [
    'Google, cached content',
    404,
    { error: { code: 404, message: 'Not found: cache content metadata 8754364356910645200.', status: 'NOT_FOUND' } },
    'not-found',
    'model',
  ],
  [
    'Code Assist, an array',
    429,
    [{ error: { code: 429, message: 'Resource exhausted.', status: 'RESOURCE_EXHAUSTED' } }],
    'quota',
    'model',
  ],
  [
    'Ollama, model',
    404,
    { error: { message: 'model "llama9" not found, try pulling it first', type: 'api_error' } },
    'unknown-model',
    'model',
  ],
  [
    'Venice, a bare string',
    404,
    { error: 'Specified model not found: venice-x. Did you mean: venice-y?' },
    'unknown-model',
    'model',
  ],
  [
    'Anthropic, model',
    404,
    { type: 'error', error: { type: 'not_found_error', message: 'model: claude-x' } },
    'unknown-model',
    'model',
  ],
  ['a wrong path', 404, '<html><h1>404 Not Found</h1></html>', 'not-found', 'model'],
  ['Mistral, a detail', 401, { detail: 'Invalid API Key' }, 'unauthorized', 'account'],
  ['DeepSeek, no money', 402, { error: { message: 'Insufficient Balance' } }, 'billing', 'account'],
  [
    'doubleword, forbidden with a request type',
    403,
    { error: { code: 'forbidden', message: 'Forbidden', type: 'invalid_request_error' } },
    'forbidden',
    'model',
  ],
  [
    'a login that is over',
    400,
    { error: 'invalid_grant', error_description: 'Token has been revoked' },
    'sign-in',
    'account',
  ],
  [
    'Cloudflare',
    403,
    '<!DOCTYPE html><html><script src="/cdn-cgi/challenge-platform/x.js"></script></html>',
    'challenge',
    'account',
  ],
  ['Cloudflare under 400', 400, '<html><title>Attention Required! | Cloudflare</title></html>', 'challenge', 'account'],
  ['timeout', 408, '', 'transient', 'model'],
  ['server error', 500, { error: { message: 'boom', type: 'server_error' } }, 'transient', 'model'],
  ['bad gateway in HTML', 502, '<html>502 Bad Gateway</html>', 'transient', 'model'],
]

test.each(accountFaults)('%s is the fault of the account', (_what, status, body, reason, scope) => {
  const fault = httpFault(status, body)
  expect(isRequestFault(fault)).toBe(false)
  expect(blameFor(fault, undefined)).toEqual({ reason, scope })
})

describe('Without an answer', () => {
  test('a broken connection is nobody’s fault but rotates', () => {
    expect(isRequestFault(brokenConnection())).toBe(false)
    expect(blameFor(brokenConnection(), undefined)).toEqual({ reason: 'connection', scope: 'model' })
  })

  test('a client that left and a request that has no form in the protocol blame nobody', () => {
    expect(blameFor(new Fault('cancelled', 'gone'), undefined)).toBeUndefined()
    expect(isRequestFault(new Fault('invalid-request', 'messages.0: must be an object'))).toBe(true)
    expect(isRequestFault(new Fault('not-implemented', 'no codec'))).toBe(true)
  })

  test('a fault smuggled under status 200 counts with its own status', () => {
    const fault = new Fault('overloaded', 'Overloaded', {
      upstream: { protocol: 'anthropic', status: 200, body: '{"type":"error"}' },
    })
    expect(blameFor(fault, undefined)).toEqual({ reason: 'transient', scope: 'model' })
  })
})

test('words of the client that a long message quotes are no sign', () => {
  const quoted = `Invalid 'messages[0]': ${'x'.repeat(600)} invalid api key`
  expect(isRequestFault(httpFault(400, { error: { message: quoted, type: 'invalid_request_error' } }))).toBe(true)
})

test('a hint may widen a rate limit to the whole account, and nothing else', () => {
  const hint = { retryAfterMs: 1000, scope: 'account' } as const
  expect(blameFor(httpFault(429, ''), hint)?.scope).toBe('account')
  expect(blameFor(httpFault(500, ''), hint)?.scope).toBe('model')
})
