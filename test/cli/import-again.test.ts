import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createImportHome, HOUR_MS, NOW, type ImportHome } from '../kit/import-home.ts'

let home: ImportHome
beforeEach(() => {
  home = createImportHome()
})
afterEach(() => home.remove())

describe('a login of an account that is there', () => {
  const stored = {
    type: 'claude',
    email: 'ME@example.com',
    access_token: 'secret-old',
    refresh_token: 'secret-old-refresh',
    expired: new Date(NOW).toISOString(),
    prefix: 'team',
    unknown: { kept: true },
  }

  test('is renewed when its token is older, and keeps all else', async () => {
    home.folder.files.set('mine.json', stored)
    home.putClaude(NOW + HOUR_MS)
    const { code, printed } = await home.import()
    expect(code).toBe(0)
    expect(printed).toContain('renewed mine.json, whose token is older')
    expect([...home.folder.files.keys()]).toEqual(['mine.json'])
    expect(home.folder.files.get('mine.json')).toMatchObject({
      email: 'ME@example.com',
      account_uuid: 'u-1',
      access_token: 'secret-a1',
      refresh_token: 'secret-a1-refresh',
      prefix: 'team',
      unknown: { kept: true },
    })
  })

  test('is renewed when its file lost the token', async () => {
    home.folder.files.set('mine.json', { type: 'claude', email: 'me@example.com', access_token: '' })
    home.putClaude(NOW)
    expect((await home.import()).printed).toContain('renewed mine.json')
  })

  test('is kept when its token is newer, also when it became so meanwhile', async () => {
    home.folder.files.set('mine.json', { ...stored, expired: new Date(NOW + 2 * HOUR_MS).toISOString() })
    home.putClaude(NOW + HOUR_MS)
    const { code, printed } = await home.import()
    expect(code).toBe(0)
    expect(printed).toContain('kept mine.json: its token is newer')
    expect(home.folder.files.get('mine.json')).toMatchObject({ access_token: 'secret-old' })

    home.folder.files.set('mine.json', stored)
    const update = home.folder.update.bind(home.folder)
    home.folder.update = async (name, change) => {
      home.folder.files.set(name, {
        ...stored,
        access_token: 'secret-fresh',
        expired: new Date(NOW + 9 * HOUR_MS).toISOString(),
      })
      await update(name, change)
    }
    await home.import()
    expect(home.folder.files.get('mine.json')).toMatchObject({ access_token: 'secret-fresh' })
  })

  test('is kept when nothing says which token is newer', async () => {
    const { expired: _, ...ageless } = stored
    home.folder.files.set('mine.json', ageless)
    home.putClaude(NOW)
    expect((await home.import()).printed).toContain('kept mine.json: nothing says which token is newer')
  })

  test('is told apart from others of the same vendor and from the same one elsewhere', async () => {
    home.folder.files.set('other.json', { ...stored, email: 'other@example.com' })
    home.folder.files.set('company.json', { ...stored, organization_uuid: 'o-2' })
    home.folder.files.set('codex.json', { ...stored, type: 'codex' })
    home.folder.broken.set('claude-me@example.com.json', 'holds no JSON object')
    home.putClaude(NOW + HOUR_MS)
    const { printed } = await home.import()
    expect(printed).toContain('wrote claude-me@example.com-2.json')
    expect(home.folder.files.size).toBe(4)
  })

  test('says that it is disabled', async () => {
    home.folder.files.set('mine.json', { ...stored, disabled: true })
    home.putClaude(NOW + HOUR_MS)
    const { printed } = await home.import()
    expect(printed).toContain('it is disabled: cliproxy accounts enable mine.json')
    expect(home.folder.files.get('mine.json')).toMatchObject({ disabled: true })
  })
})

describe('a login that nobody’s name stands on', () => {
  test('is not taken again once the proxy has refreshed what came from the same place', async () => {
    putQwen('secret-1', NOW)
    await home.import()
    const name = `qwen-${NOW}.json`
    const refreshed = {
      access_token: 'secret-2',
      refresh_token: 'secret-2-r',
      expired: new Date(NOW + HOUR_MS).toISOString(),
    }
    home.folder.files.set(name, { ...home.folder.files.get(name), ...refreshed })
    expect((await home.import()).printed).toContain(`kept ${name}: its token is newer`)
    expect(home.folder.files.size).toBe(1)
  })

  test('is kept beside an older one from the same place, which may be somebody else’s', async () => {
    putQwen('secret-1', NOW)
    await home.import()
    putQwen('secret-2', NOW + HOUR_MS)
    const { printed } = await home.import()
    expect(printed).toContain(`wrote qwen-${NOW}-2.json; qwen-${NOW}.json came from the same place`)
    expect(home.folder.files.get(`qwen-${NOW}.json`)).toMatchObject({ access_token: 'secret-1' })
  })
})

function putQwen(token: string, expiresAt: number): void {
  home.put('.qwen/oauth_creds.json', { access_token: token, refresh_token: `${token}-r`, expiry_date: expiresAt })
}
