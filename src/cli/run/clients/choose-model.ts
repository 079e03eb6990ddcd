/** Names of models that do not hold a conversation. */
const NO_CHAT =
  /embed|moderation|whisper|transcri|tts|speech|audio|realtime|image|imagen|dall-e|veo|sora|video|rerank|ocr|aqa/i

/**
 * The first model that one of the patterns fits, the patterns in turn; else the first that can hold a conversation, else
 * the first. Undefined when there is none.
 */
export function firstFitting(models: readonly string[], patterns: readonly RegExp[]): string | undefined {
  const chatting = models.filter((model) => !NO_CHAT.test(model))
  for (const pattern of patterns) {
    const found = chatting.find((model) => pattern.test(model))
    if (found !== undefined) return found
  }
  return chatting[0] ?? models[0]
}

/** True when each family has a model that is served: then a vendor's whole list is, the client's own default with it. */
export function areServed(families: readonly RegExp[], models: readonly string[]): boolean {
  return families.every((family) => models.some((model) => family.test(model)))
}
