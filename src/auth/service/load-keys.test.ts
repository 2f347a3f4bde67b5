import { expect, test } from 'bun:test'
import { ask, byOwner, callerOf, createHouse, idOf } from '../../../test/env/auth-house.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'

const envKey = `hk-envadminkey1-${'0a'.repeat(24)}`

forEachDatabase('the admin key', (engine) => {
  test('is made at the first start and told once', async () => {
    const { open } = await createHouse(engine)
    const first = await open()
    expect(callerOf(first, first.firstAdminKey ?? '').may('fleet.operate')).toBe(true)
    expect((await open()).firstAdminKey).toBeNull()
  })

  test('of the environment is valid at every start, and none is made beside it', async () => {
    const { open } = await createHouse(engine)
    for (let round = 0; round < 2; round++) {
      const auth = await open(envKey)
      expect(auth.firstAdminKey).toBeNull()
      expect(callerOf(auth, envKey).may('admin')).toBe(true)
      await auth.keys.revoke(idOf(envKey), byOwner(auth))
      expect(ask(auth, envKey).ok).toBe(false)
    }
  })

  test('of an earlier environment is refused when the variable changed, and when it went', async () => {
    const { open } = await createHouse(engine)
    await open(envKey)
    const sameId = `${envKey.slice(0, 16)}${'0b'.repeat(24)}`
    const changed = await open(sameId)
    expect([ask(changed, envKey).ok, ask(changed, sameId).ok]).toEqual([false, true])
    const other = `hk-envadminkey2-${'0c'.repeat(24)}`
    const replaced = await open(other)
    expect([ask(replaced, sameId), ask(replaced, other).ok]).toMatchObject([{ ok: false, why: 'revoked' }, true])
    const gone = await open()
    expect(ask(gone, other)).toMatchObject({ ok: false, why: 'revoked' })
    expect(callerOf(gone, gone.firstAdminKey ?? '').may('admin')).toBe(true)
  })

  test.each(['hunter2', '', 'hk-short-00', `hk-ABCDEFGHIJKL-${'0'.repeat(48)}`, `sk-abcdefghijkl-${'0'.repeat(48)}`])(
    'that is not of the form is a refused start, and is not repeated: %p',
    async (text) => {
      const { open } = await createHouse(engine)
      const thrown = await open(text).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ kind: 'invalid', reason: 'bad_admin_key' })
      expect(String(thrown)).toContain('HEARTH_ADMIN_KEY is not of the form hk-<id>-<secret>')
      if (text !== '') expect(String(thrown)).not.toContain(text)
    },
  )

  test('that was reset is refused from then on, and the one of the environment is not', async () => {
    const { open } = await createHouse(engine)
    const first = (await open()).firstAdminKey ?? ''
    const auth = await open(envKey)
    const { key: fresh } = await auth.keys.reset(byOwner(auth))
    expect([ask(auth, first), ask(auth, fresh).ok, ask(auth, envKey).ok]).toMatchObject([
      { why: 'revoked' },
      true,
      true,
    ])
    expect(ask(await open(envKey), first).ok).toBe(false)
  })

  test('of the environment cannot be rotated here', async () => {
    const { open } = await createHouse(engine)
    const auth = await open(envKey)
    const thrown = await auth.keys.rotate(idOf(envKey), 0, byOwner(auth)).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'conflict', reason: 'key_of_environment' })
  })
})
