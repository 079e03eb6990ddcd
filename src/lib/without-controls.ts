/** A text of somebody else's, in which no character steers a terminal. @param instead what stands for each of those */
export function withoutControls(text: string, instead: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, instead)
}
