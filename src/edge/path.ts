/** The path alone: a query may hold a key. */
export function pathOf(url: string): string {
  // Without a usable host the server gives the path alone.
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2)
  if (start < 0) return '/'
  const end = url.indexOf('?', start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

/** From the question mark on; '' without one. */
export function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start)
}

/** The path with its escapes undone; one that does not decode stays as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** One slash for many, escapes of plain characters undone, no slash at the end. */
export function plainPath(path: string): string {
  const decoded = decodePath(path)
  const single = decoded.replaceAll(/\/{2,}/g, '/')
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single
}
