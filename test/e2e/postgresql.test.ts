import { expect, test } from 'bun:test'
import { Client } from 'pg'
import { chatBody, requestRows, startGatewayHouse } from '../env/gateway-house.ts'
import { until } from '../env/until.ts'

const server = process.env['HEARTH_TEST_DATABASE_URL']

test.skipIf(!server)(
  'a house on PostgreSQL keeps keys and rows over a kill (needs HEARTH_TEST_SYSTEM=1)',
  async () => {
    const name = `hearth_e2e_${process.pid}`
    await onServer(`create database ${name}`)
    const url = new URL(server ?? '')
    url.pathname = `/${name}`
    {
      await using both = await startGatewayHouse({ env: { HEARTH_DATABASE_URL: url.href } })
      const { house } = both
      expect((await house.get<{ database: string }>('/api/status')).database).toBe('postgresql')
      const made = await house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'kept' }) })
      const { key } = (await made.json()) as { key: string }
      const headers = { authorization: `Bearer ${key}` }
      const asked = await house.ask('/v1/chat/completions', { method: 'POST', body: chatBody(), headers })
      expect(asked.status).toBe(200)
      await asked.arrayBuffer()
      const id = asked.headers.get('x-request-id')
      await house.kill()
      await house.restart()
      expect((await house.ask('/v1/models', { headers })).status).toBe(200)
      await until('the row is there', async () => (await requestRows(house)).some((row) => row.id === id))
      expect(house.logs()).not.toContain(url.password || 'no password')
    }
    await onServer(`drop database ${name} with (force)`)
  },
  60_000,
)

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: server ?? '' })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
