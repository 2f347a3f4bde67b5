import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readMachineFacts } from './machine-facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-facts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A folder of programs that answer as these scripts do; nothing else is found in PATH. */
function programs(name: string, scripts: Readonly<Record<string, string>>): Record<string, string> {
  const bin = join(folder, name)
  mkdirSync(bin)
  for (const [program, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, program), 0o755)
  }
  return { PATH: bin }
}

type More = Partial<Parameters<typeof readMachineFacts>[0]>

const read = (childEnvironment: Record<string, string>, more: More = {}) =>
  readMachineFacts({ home: join(folder, 'home'), host: '127.0.0.1', port: 1, childEnvironment, ...more })

describe('this machine', () => {
  test('is read without any of the programs that could be asked', async () => {
    const facts = await read(programs('none', {}))
    expect(facts.runtime).toEqual({ bun: Bun.version, node: null })
    expect(facts.gpus.nvidia).toEqual({ kind: 'absent' })
    expect(facts.memory.totalBytes).toBeGreaterThan(0)
    expect(facts.home).toMatchObject({ isThere: false, isWritable: true, mode: null })
    expect(facts.home.freeBytes).toBeGreaterThan(0)
  })

  test('is asked through its programs, whose failures are told', async () => {
    const facts = await read(
      programs('some', {
        node: 'echo v20.1.2',
        'nvidia-smi': 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18',
        timedatectl: 'echo no',
      }),
    )
    expect(facts.runtime.node).toBe('20.1.2')
    expect(facts.gpus.nvidia).toEqual({
      kind: 'broken',
      message: 'Failed to initialize NVML: Driver/library version mismatch',
    })
    const gpu = await read(programs('gpu', { 'nvidia-smi': 'echo "NVIDIA L4, 550.1, 23034"' }))
    expect(gpu.gpus.nvidia).toEqual({
      kind: 'found',
      gpus: [{ name: 'NVIDIA L4', driver: '550.1', totalBytes: 23034 * 2 ** 20 }],
    })
  })

  test.if(process.platform === 'linux')('tells who holds a port', async () => {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
    try {
      const { port } = await read({ PATH: '' }, { port: server.port })
      expect(port.holder).toMatchObject({ kind: 'taken', pid: process.pid })
      const compat = { host: '127.0.0.1', port: server.port ?? 0 }
      const { compatPort } = await read({ PATH: '' }, { compat })
      expect(compatPort).toMatchObject({ ...compat, holder: { kind: 'taken', pid: process.pid } })
    } finally {
      await server.stop(true)
    }
    const free = await read({ PATH: '' }, { port: server.port })
    expect(free.port.holder).toEqual({ kind: 'nobody' })
  })
})
