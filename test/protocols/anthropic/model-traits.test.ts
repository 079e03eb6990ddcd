import { expect, test } from 'bun:test'
import { modelTraitsFor } from '../../../src/protocols/anthropic/model-traits.ts'

test.each([
  ['claude-3-opus-20240229', 'none', 4096],
  ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'none', 8192],
  ['claude-3-7-sonnet-latest', 'budget', 64_000],
  ['claude-sonnet-4-20250514', 'budget', 64_000],
  ['claude-sonnet-4@20250514', 'budget', 64_000],
  ['claude-opus-4-0', 'budget', 32_000],
  ['claude-opus-4.1', 'budget', 32_000],
  ['claude-haiku-4-5-20251001', 'budget', 64_000],
  ['claude-opus-4-5', 'budget', 64_000],
  ['claude-opus-4-6', 'adaptive', undefined],
  ['claude-fable-5', 'adaptive', undefined],
  ['claude-next', 'adaptive', undefined],
  ['glm-4.7', 'budget', undefined],
] as const)('%s takes thinking by %s and %p tokens', (model, thinking, outputTokensMax) => {
  expect(modelTraitsFor(model)).toMatchObject({ thinking })
  expect(modelTraitsFor(model).outputTokensMax).toBe(outputTokensMax)
})
