import { expect, test } from 'bun:test'
import { createHouse, idOf, make } from '../../../test/env/auth-house.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'
import type { Auth } from '../index.ts'

forEachDatabase('the door', (engine) => {
  let opened: Promise<{ readonly auth: Auth; readonly key: string }> | null = null
  const house = () => (opened ??= open())
  const open = async () => {
    const auth = await (await createHouse(engine)).open()
    return { auth, key: (await make(auth)).key }
  }
  const identify = ({ auth }: { readonly auth: Auth }, headers: Record<string, string>) =>
    auth.door.identify({ headers: new Headers(headers) })

  test('knows a key in either header', async () => {
    const at = await house()
    const { key } = at
    expect(identify(at, { 'x-api-key': key }).ok).toBe(true)
    expect(identify(at, { authorization: `bearer ${key}` }).ok).toBe(true)
    expect(identify(at, { authorization: `Bearer ${key}`, 'x-api-key': key }).ok).toBe(true)
  })

  test.each<[string, (key: string) => Record<string, string>, string]>([
    ['no header', () => ({}), 'missing'],
    ['a key that is cut', (text) => ({ 'x-api-key': text.slice(0, -1) }), 'malformed'],
    ['a key of another house', (text) => ({ 'x-api-key': `hk-otherhouse01${text.slice(15)}` }), 'unknown'],
    ['a wrong secret', (text) => ({ 'x-api-key': `${text.slice(0, 16)}${'0'.repeat(48)}` }), 'unknown'],
    ['a secret in capitals', (text) => ({ 'x-api-key': `${text.slice(0, 16)}${'A'.repeat(48)}` }), 'malformed'],
    ['two keys', (text) => ({ 'x-api-key': text, authorization: `Bearer ${text.slice(0, -1)}0x` }), 'malformed'],
    ['the header twice', (text) => ({ authorization: `Bearer ${text}, Bearer ${text}` }), 'malformed'],
    ['a foreign cookie', () => ({ cookie: 'theme=dark' }), 'missing'],
    ['a session that never was', () => ({ cookie: 'hearth_session=abc' }), 'unknown'],
  ])('refuses %s without repeating a secret', async (_, headers, why) => {
    const at = await house()
    const { key } = at
    const identity = identify(at, headers(key))
    expect(identity).toMatchObject({ ok: false, why })
    expect(JSON.stringify(identity)).not.toContain(key.slice(16, 40))
  })

  test('says the same of an unknown id and of a wrong secret', async () => {
    const at = await house()
    const { key } = at
    const wrong = identify(at, { 'x-api-key': `${key.slice(0, 16)}${'0'.repeat(48)}` })
    const unknown = identify(at, { 'x-api-key': `hk-otherhouse01-${'0'.repeat(48)}` })
    expect(JSON.stringify(wrong).replace(idOf(key), 'otherhouse01')).toBe(JSON.stringify(unknown))
  })

  test('answers far more often than a hot path asks', async () => {
    const { auth, key } = await house()
    const headers = new Headers({ authorization: `Bearer ${key}` })
    const before = performance.now()
    for (let index = 0; index < 10_000; index++) auth.door.identify({ headers })
    // 10,000 take about 10 ms; a second would be a hundred times too slow.
    expect(performance.now() - before).toBeLessThan(1000)
  })
})
