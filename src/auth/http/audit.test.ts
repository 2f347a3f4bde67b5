import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '#platform/http/route.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { createHouse } from '../../../test/env/auth-house.ts'
import type { DatabaseEngine } from '../../../test/env/databases.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'

const connection: Connection = { from: '10.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }

async function createApi(engine: DatabaseEngine) {
  const house = await createHouse(engine)
  const auth = await house.open()
  const admin = auth.firstAdminKey ?? ''
  const routes = { routes: auth.routes, gate: auth.gate, log: silentLogger, controlBodyBytes: 65_536 }
  const handler = createRouter({ ...routes, fallback: () => null })
  const call = (request: string, { body, key = admin }: { readonly body?: unknown; readonly key?: string } = {}) => {
    const [method = '', path = ''] = request.split(' ')
    const headers = { host: '127.0.0.1:9999', authorization: `Bearer ${key}` }
    const sent = body === undefined ? null : JSON.stringify(body)
    return Promise.resolve(
      handler(new Request(`http://127.0.0.1:9999${path}`, { method, headers, body: sent }), connection),
    )
  }
  // oxlint-disable-next-line no-explicit-any -- what came over the wire; every test says what it expects
  const json = async (request: string, options = {}): Promise<any> => (await call(request, options)).json()
  return { ...house, call, json }
}

forEachDatabase('the routes of the audit log', (engine) => {
  test('tell before and after, and never a secret', async () => {
    const { json } = await createApi(engine)
    const made = await json('POST /api/keys', { body: { name: 'laptop' } })
    await json(`DELETE /api/keys/${made.id}`)
    const page = await json('GET /api/audit?action=key.*&target=' + made.id)
    expect(page.data).toMatchObject([
      { action: 'key.revoke', before: { revokedAt: null }, after: { revokedAt: '2030-01-01T00:00:00.000Z' } },
      { action: 'key.create', before: null, after: { name: 'laptop', scopes: ['inference'] } },
    ])
    expect(JSON.stringify(page)).not.toContain(made.key.slice(16))
  })

  test('are for administrators', async () => {
    const { call, json } = await createApi(engine)
    const { key } = await json('POST /api/keys', { body: { name: 'a', scopes: ['inference', 'monitor'] } })
    for (const path of ['', '/verify', '.jsonl', '.csv'])
      expect((await call(`GET /api/audit${path}`, { key })).status).toBe(403)
    expect((await call('POST /api/audit/prune', { key, body: { before: '2029-01-01' } })).status).toBe(403)
  })

  test('say that the chain is whole, take its oldest part away, and say so', async () => {
    const { json, call, clock } = await createApi(engine)
    expect(await json('GET /api/audit/verify')).toMatchObject({ isWhole: true, rows: 1, broken: null, marks: 1 })
    expect((await call('POST /api/audit/prune', { body: { before: '2031-01-01' } })).status).toBe(400)
    clock.at += 86_400_000
    expect(await json('POST /api/audit/prune', { body: { before: '2030-01-02' } })).toEqual({ rows: 1 })
    const verdict = await json('GET /api/audit/verify')
    expect(verdict).toMatchObject({ isWhole: true, rows: 1, prunedUpTo: 1 })
    expect(verdict.message).toContain('Rows up to 1 were taken away by an administrator.')
  })

  test('give a file that the program in the guide finds whole, and broken when a letter is changed', async () => {
    const { call, json } = await createApi(engine)
    for (let index = 0; index < 20; index++) await json('POST /api/keys', { body: { name: `“ü” ${index} 💡` } })
    const answer = await call('GET /api/audit.jsonl')
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = await answer.text()
    const { head } = await json('GET /api/audit/verify')
    const folder = mkdtempSync(join(tmpdir(), 'hearth-test-export-'))
    const guide = readFileSync(join(import.meta.dir, '../../../docs/guides/audit.md'), 'utf8')
    writeFileSync(join(folder, 'check.mjs'), /```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? '')
    const check = async (text: string) => {
      writeFileSync(join(folder, 'audit.jsonl'), text)
      const options = { cwd: folder, stdout: 'pipe', stderr: 'pipe', env: {} } as const
      const child = Bun.spawn([process.execPath, 'check.mjs'], options)
      const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
      return { out: out.trim(), err, code: await child.exited }
    }
    expect(await check(lines)).toEqual({ out: head.hash, err: '', code: 0 })
    const changed = await check(lines.replace('“ü” 7', '“ü” 8'))
    expect(changed.code).toBe(1)
    expect(changed.err).toContain('does not hold')
    rmSync(folder, { recursive: true })
  })

  test('give a table for spreadsheets, in which nothing is a formula', async () => {
    const { call, json } = await createApi(engine)
    await json('POST /api/keys', { body: { name: 'a, "b"' } })
    const [heads = '', first = '', second = ''] = (await (await call('GET /api/audit.csv')).text()).split('\r\n')
    expect(heads).toBe('position,at,who,action,target,detail,from,before,after,previous,hash')
    expect(first).toContain(`,hearth,`)
    expect(second).toContain('"“a, ""b""” with inference"')
  })
})
