import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { QueryClient } from '@tanstack/react-query'
import { type PageOrigin, standAt } from '../../../test/env/page-origin.ts'
import { until } from '../../../test/env/until.ts'
import { devKey, devPerson, startFakeHouse } from '../../dev/fake-house.ts'
import { createSessionDesk, type SessionDesk } from './session.ts'

describe('the door', () => {
  let fake: ReturnType<typeof startFakeHouse>
  let origin: PageOrigin
  let client: QueryClient
  let desk: SessionDesk
  const who = () => client.getQueryData(desk.query.queryKey)?.name ?? null
  const read = () => client.fetchQuery({ ...desk.query, staleTime: 0 })

  beforeEach(() => {
    fake = startFakeHouse(0)
    origin = standAt(fake.url, { cookie: 'hearth_session=dev' })
    client = new QueryClient({ defaultOptions: { queries: { networkMode: 'always', retry: false } } })
    desk = createSessionDesk(() => client)
  })
  afterEach(async () => {
    client.clear()
    origin[Symbol.dispose]()
    await fake.stop()
  })

  test('gives no reason to somebody who was never in', async () => {
    fake.house.mood.hasSession = false
    expect(await read()).toBeNull()
    desk.noteEnd()
    expect(desk.why.get()).toBe('never')
  })

  test('says that a session ended, when another question is the first to be refused', async () => {
    await read()
    expect(who()).toBe('Admin of this machine')
    desk.noteEnd()
    expect({ who: who(), why: desk.why.get() }).toEqual({ who: null, why: 'expired' })
  })

  test('says that a session ended, when a reading of it is the first to be refused', async () => {
    await read()
    fake.house.mood.hasSession = false
    expect(await read()).toBeNull()
    expect(desk.why.get()).toBe('expired')
    await desk.signIn(devKey)
    expect(desk.why.get()).toBe('never')
  })

  test('stays shut when an answer from before the end arrives after it', async () => {
    await read()
    fake.house.mood.isSlow = true
    const late = read()
    await until('it is asked again', () => origin.asked.length === 2)
    desk.noteEnd()
    await late.catch(() => null)
    expect({ who: who(), why: desk.why.get() }).toEqual({ who: null, why: 'expired' })
  })

  test('opens for a user name and a password, and stays shut for a wrong one', async () => {
    fake.house.mood.hasSession = false
    await read()
    const wrong = await desk.signInAs({ username: 'ada', password: 'guess' }).catch((error: unknown) => error)
    expect([wrong instanceof Error, await read()]).toEqual([true, null])
    await desk.signInAs(devPerson)
    await read()
    expect(who()).toBe('Admin of this machine')
  })

  test('keeps a link until it was used, and signs in whoever used it', async () => {
    fake.house.mood.hasSession = false
    desk.offerLink({ kind: 'password', token: 'used' })
    const refused = await desk.useLink(devPerson).catch((error: unknown) => error)
    expect([refused instanceof Error, desk.link.get()?.token]).toEqual([true, 'used'])
    desk.offerLink({ kind: 'password', token: 'reset' })
    await desk.useLink({ username: '', password: devPerson.password })
    await read()
    expect([desk.link.get(), who()]).toEqual([null, 'Admin of this machine'])
  })

  test('lets somebody out who leaves, and says so', async () => {
    await read()
    fake.house.mood.hasSession = false
    await desk.signOut()
    expect({ who: who(), why: desk.why.get() }).toEqual({ who: null, why: 'signedOut' })
    await read()
    expect(desk.why.get()).toBe('signedOut')
  })
})
