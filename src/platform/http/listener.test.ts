import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '#platform/log/logger.ts'
import { listen } from './listener.ts'

test('the socket of the machine holds a request that takes longer than an idle connection may', async () => {
  const socket = join(mkdtempSync(join(tmpdir(), 'hearth-socket-')), 's')
  const answered = Promise.withResolvers<Response>()
  const local = listen({ at: { socket }, handler: () => answered.promise, log: silentLogger, idleSeconds: 1 })
  const response = fetch('http://localhost/', { unix: socket })
  // The runtime's own limit is 10 s and strikes up to 2 s late.
  setTimeout(() => answered.resolve(new Response('at last')), 13_000)
  expect(await (await response).text()).toBe('at last')
  await local.cut()
}, 30_000)
