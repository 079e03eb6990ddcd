import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveConfig, type LiveConfig } from '../../src/config/live.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type ConfigWatch, watchConfig } from '../../src/config/watch.ts'

let folder = ''
let opened: { close(): void }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-live-'))
})
afterEach(() => {
  for (const one of opened) one.close()
  opened = []
  rmSync(folder, { recursive: true, force: true })
})

/** A watch whose changes can be awaited, one by one. */
function watched(path: string): () => Promise<void> {
  let count = 0
  let waiting: (() => void) | undefined
  const watch: ConfigWatch = watchConfig(path, () => {
    count++
    waiting?.()
  })
  opened.push(watch)
  return async () => {
    if (count === 0) await new Promise<void>((resolve) => (waiting = resolve))
    count--
  }
}

describe('a watched file', () => {
  test('is followed through writes, atomic renames and its return after it was gone', async () => {
    const path = join(folder, 'config.yaml')
    writeFileSync(path, 'port: 1')
    const change = watched(path)
    writeFileSync(path, 'port: 2')
    await change()
    for (const text of ['port: 3', 'port: 4']) {
      writeFileSync(join(folder, 'new'), text)
      renameSync(join(folder, 'new'), path)
      await change()
    }
    unlinkSync(path)
    await change()
    writeFileSync(path, 'port: 5')
    await change()
  })

  test('is followed through a swapped link, as mounted volumes do it', async () => {
    for (const [name, text] of [
      ['one', 'port: 1'],
      ['two', 'port: 2'],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'config.yaml'), text)
    }
    symlinkSync('one', join(folder, 'data'))
    symlinkSync('data/config.yaml', join(folder, 'config.yaml'))
    const change = watched(join(folder, 'config.yaml'))
    symlinkSync('two', join(folder, 'data.new'))
    renameSync(join(folder, 'data.new'), join(folder, 'data'))
    await change()
    writeFileSync(join(folder, 'two/config.yaml'), 'port: 3')
    await change()
  })

  test('does not change when it is written as it was, emptied for a moment, or beside another', async () => {
    const path = join(folder, 'config.yaml')
    writeFileSync(path, 'port: 1')
    const change = watched(path)
    writeFileSync(path, '')
    writeFileSync(join(folder, 'other.yaml'), 'x')
    const first = change()
    const isQuiet = await Promise.race([
      first.then(() => false),
      new Promise((resolve) => setTimeout(resolve, 400, true)),
    ])
    expect(isQuiet).toBe(true)
    writeFileSync(path, 'port: 2')
    await first
  })
})

/** A live configuration of a file in the folder, its log lines, and a way to change the file and await the outcome. */
async function live(
  text: string,
): Promise<{ live: LiveConfig; lines: string[]; write: (text: string) => Promise<void> }> {
  const path = join(folder, 'config.yaml')
  writeFileSync(path, text)
  const reload = () => loadConfig(path, { HOME: folder })
  const lines: string[] = []
  let settled: (() => void) | undefined
  const report = (line: string): void => {
    lines.push(line.replaceAll(path, 'config.yaml'))
    // A reload has come to its end with either of these.
    if (/read again|allowed:/.test(line)) setImmediate(() => settled?.())
  }
  const config = createLiveConfig({ loaded: await reload(), reload, report })
  opened.push(config)
  const write = async (next: string): Promise<void> => {
    const done = new Promise<void>((resolve) => (settled = resolve))
    writeFileSync(path, next)
    await done
  }
  return { live: config, lines, write }
}

describe('a live configuration', () => {
  test('follows a valid change and tells its listeners', async () => {
    const { live: config, lines, write } = await live('debug: false')
    const seen: boolean[][] = []
    const end = config.subscribe((next, previous) => seen.push([previous.debug, next.debug]))
    await write('debug: true')
    expect(config.current().debug).toBe(true)
    end()
    await write('debug: false')
    expect(seen).toEqual([[false, true]])
    expect(lines).toEqual(['config.yaml: read again; changed: debug', 'config.yaml: read again; changed: debug'])
  })

  test('keeps what it has when the change is invalid, and says why', async () => {
    const { live: config, lines, write } = await live('port: 1\napi-keys: [k]')
    await write('port: x\napi-keys: []')
    expect(config.current().apiKeys).toEqual(['k'])
    expect(lines).toEqual([
      'config.yaml: the change is not valid; the configuration stays as it was',
      'config.yaml:1:7: port: is a text; allowed: a whole number from 0 to 65535',
    ])
    await write('port: 1\napi-keys: [k2]')
    expect(config.current().apiKeys).toEqual(['k2'])
  })

  test('goes on listening where it listens, and tells who fails to follow', async () => {
    const { live: config, lines, write } = await live('port: 1')
    config.subscribe(() => {
      throw new Error('no')
    })
    await write('port: 2\ndebug: true\nlogging-to-file: true\nlogs-max-total-size-mb: 3')
    const { port, debug, logFolder, logsTotalMbMax } = config.current()
    expect({ port, debug, logFolder, logsTotalMbMax }).toEqual({
      port: 1,
      debug: true,
      logFolder: undefined,
      logsTotalMbMax: 0,
    })
    expect(lines).toEqual([
      'config.yaml: port, logFolder, logsTotalMbMax changed; this takes effect with the next start',
      'config.yaml: read again; changed: debug',
      'config.yaml: a part of the program could not follow the change: no',
    ])
  })

  test('stays as it was when the file goes away and another one would be found', async () => {
    const path = join(folder, 'config.yaml')
    writeFileSync(path, 'api-keys: [k]')
    const reload = () => loadConfig(undefined, { HOME: join(folder, 'nowhere') }, { folder })
    const found = await reload()
    const { promise, resolve } = Promise.withResolvers<string>()
    const config = createLiveConfig({ loaded: { ...found, path }, reload, report: resolve })
    opened.push(config)
    unlinkSync(path)
    expect(await promise).toBe(`${path}: the file is gone; the configuration stays as it was`)
    expect(config.current().apiKeys).toEqual(['k'])
  })
})
