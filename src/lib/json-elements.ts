/** Reads the text of a JSON array element by element, however it is cut. */
export interface ElementReader {
  /** The texts of the elements that this completed; the first text begins with the array's bracket. */
  push(text: string): readonly string[]
  /** What stands after the last whole element: something that was cut off. */
  end(): readonly string[]
}

/** @throws {Error} (its push) when one element is longer than `charsMax`. */
export function createElementReader(charsMax: number): ElementReader {
  /** Of the element that has begun, what came before this text. */
  let begun = ''
  /** Arrays and objects that are open, the array itself included. */
  let depth = 0
  let isInString = false
  let isEscaped = false
  return {
    push(text) {
      const elements: string[] = []
      let start = 0
      const finish = (end: number): void => {
        const element = (begun + text.slice(start, end)).trim()
        if (element !== '') elements.push(element)
        begun = ''
      }
      for (let at = 0; at < text.length; at++) {
        const char = text[at]
        if (isInString) {
          if (isEscaped) isEscaped = false
          else if (char === '\\') isEscaped = true
          else if (char === '"') isInString = false
        } else if (char === '"') isInString = true
        else if (char === '[' || char === '{') {
          if (++depth === 1) start = at + 1
        } else if (char === ']' || char === '}') {
          // An object is whole at its own end: what follows it may be long in coming.
          if (--depth === 1) finish(at + 1)
          else if (depth === 0) finish(at)
          if (depth <= 1) start = at + 1
        } else if (char === ',' && depth === 1) {
          finish(at)
          start = at + 1
        }
      }
      begun += text.slice(start)
      if (begun.length > charsMax) throw new Error('one element of the array is too large')
      return elements
    },
    end: () => (begun.trim() === '' ? [] : [begun.trim()]),
  }
}
