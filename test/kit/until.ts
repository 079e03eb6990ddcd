/** Resolves once it is so. @throws when it has not become so after four seconds */
export async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 4000
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error(`it never became so: ${String(isSo)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
