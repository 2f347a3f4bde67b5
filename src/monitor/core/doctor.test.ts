import { describe, expect, test } from 'bun:test'
import type { Loaded } from '#config/contract.ts'
import { runDoctor, type DoctorOptions } from './doctor.ts'
import type { MachineFacts } from './doctor/facts.ts'
import type { Finding } from './doctor/finding.ts'

const healthy: MachineFacts = {
  runtime: { bun: '1.4.5', node: '20.20.2' },
  system: { platform: 'linux', architecture: 'x64', release: '6.1', cores: 8, isContainer: false },
  home: { path: '/h', isThere: true, isWritable: true, mode: 0o40700, freeBytes: 100 * 2 ** 30, socketPathBytes: 14 },
  memory: { totalBytes: 32 * 2 ** 30, availableBytes: 20 * 2 ** 30, limitBytes: null },
  openFiles: { soft: 65_536, hard: 65_536 },
  port: { host: '127.0.0.1', port: 9999, holder: { kind: 'nobody' } },
  compatPort: null,
  gpus: { nvidia: { kind: 'absent' }, devices: [] },
  clock: { isSynchronised: true, by: 'systemd-timesyncd' },
  addresses: [{ family: 'IPv4', address: '192.168.1.5', interface: 'eth0', scope: 'private' }],
  sleep: {
    kernelStates: ['freeze', 'mem', 'disk'],
    targets: { 'sleep.target': 'static' },
    logind: {},
    hasLid: false,
    hasBattery: false,
    desktopIdle: null,
    powerProfile: null,
  },
}
const refused: Loaded = {
  ok: false,
  problems: [{ path: 'server.port', line: 3, message: 'It is "x".', fix: 'Write a number.' }],
}

function examine(facts: MachineFacts, more: Partial<DoctorOptions> = {}) {
  return runDoctor({
    facts: () => Promise.resolve(facts),
    config: refused,
    configFile: '/h/hearth.yaml',
    engines: () => Promise.resolve([]),
    wantedBun: '1.4.5',
    proveSmoke: null,
    ...more,
  })
}

async function findingOf(
  name: string,
  facts: MachineFacts,
  more: Partial<DoctorOptions> = {},
): Promise<Finding | undefined> {
  return (await examine(facts, more)).findings.find((finding) => finding.name === name)
}

const exposed = (host: string): MachineFacts['port'] => ({ ...healthy.port, host })
const publicAddress = { family: 'IPv6' as const, address: '2001:db8::5', interface: 'eth0', scope: 'public' as const }
const laptop = { ...healthy.sleep, hasLid: true, hasBattery: true }

const cases: readonly {
  readonly says: string
  readonly change: Partial<MachineFacts>
  readonly name: string
  readonly state: Finding['state']
  readonly text: string
}[] = [
  {
    says: 'another Bun',
    change: { runtime: { bun: '1.3.0', node: null } },
    name: 'runtime',
    state: 'warn',
    text: 'npm ci',
  },
  {
    says: 'a home of somebody else',
    change: { home: { ...healthy.home, isWritable: false } },
    name: 'home',
    state: 'fail',
    text: 'HEARTH_HOME',
  },
  {
    says: 'an open home',
    change: { home: { ...healthy.home, mode: 0o40755 } },
    name: 'home',
    state: 'warn',
    text: 'chmod 700 /h',
  },
  {
    says: 'a home to come',
    change: { home: { ...healthy.home, isThere: false, mode: null } },
    name: 'home',
    state: 'ok',
    text: 'first start',
  },
  {
    says: 'a full disk',
    change: { home: { ...healthy.home, freeBytes: 2 ** 20 } },
    name: 'disk',
    state: 'fail',
    text: '1 MiB free',
  },
  {
    says: 'a tight disk',
    change: { home: { ...healthy.home, freeBytes: 5 * 2 ** 30 } },
    name: 'disk',
    state: 'warn',
    text: '5 GiB',
  },
  {
    says: 'a long home',
    change: { home: { ...healthy.home, socketPathBytes: 120 } },
    name: 'socket',
    state: 'fail',
    text: '107',
  },
  {
    says: 'a taken port',
    change: { port: { ...healthy.port, holder: { kind: 'taken', pid: 7, command: 'nginx: master' } } },
    name: 'port',
    state: 'fail',
    text: 'nginx: master (process 7)',
  },
  {
    says: 'a running house',
    change: { port: { ...healthy.port, holder: { kind: 'taken', pid: 7, command: 'bun src/main.ts serve' } } },
    name: 'port',
    state: 'ok',
    text: 'A Hearth listens',
  },
  {
    says: 'an Ollama on the port for its clients',
    change: {
      compatPort: { host: '127.0.0.1', port: 11434, holder: { kind: 'taken', pid: 7, command: 'ollama serve' } },
    },
    name: 'port for Ollama',
    state: 'fail',
    text: 'compat.ollama',
  },
  {
    says: 'an unseen port',
    change: { port: { ...healthy.port, holder: { kind: 'unknown' } } },
    name: 'port',
    state: 'skip',
    text: 'cannot be seen',
  },
  {
    says: 'a memory limit',
    change: { memory: { ...healthy.memory, limitBytes: 2 ** 30 } },
    name: 'memory',
    state: 'warn',
    text: 'only 1 GiB',
  },
  {
    says: 'few open files',
    change: { openFiles: { soft: 1024, hard: 4096 } },
    name: 'open files',
    state: 'warn',
    text: 'ulimit -n',
  },
  {
    says: 'a broken driver',
    change: { gpus: { nvidia: { kind: 'broken', message: 'Driver/library version mismatch' }, devices: [] } },
    name: 'GPU',
    state: 'fail',
    text: 'mismatch',
  },
  {
    says: 'a GPU with the memory of its machine',
    change: {
      gpus: { nvidia: { kind: 'found', gpus: [{ name: 'GB10', driver: '580', totalBytes: null }] }, devices: [] },
    },
    name: 'GPU',
    state: 'ok',
    text: 'GB10 (shared memory)',
  },
  {
    says: 'a GPU that the embedded engine cannot use',
    change: {
      system: { ...healthy.system, architecture: 'arm64' },
      gpus: { nvidia: { kind: 'found', gpus: [{ name: 'GB10', driver: '580', totalBytes: null }] }, devices: [] },
    },
    name: 'GPU',
    state: 'warn',
    text: 'no CUDA build for arm64',
  },
  {
    says: 'a closed device',
    change: { gpus: { nvidia: { kind: 'absent' }, devices: [{ path: '/dev/kfd', isUsable: false }] } },
    name: 'GPU',
    state: 'warn',
    text: 'groups render',
  },
  {
    says: 'a free-running clock',
    change: { clock: { isSynchronised: false, by: null } },
    name: 'clock',
    state: 'warn',
    text: 'set-ntp',
  },
  {
    says: 'an open public address',
    change: { port: exposed('::'), addresses: [publicAddress] },
    name: 'network',
    state: 'warn',
    text: '2001:db8::5',
  },
  {
    says: 'a LAN address',
    change: { port: exposed('0.0.0.0') },
    name: 'network',
    state: 'ok',
    text: 'reached at 192.168.1.5',
  },
  {
    says: 'a foreign address',
    change: { port: exposed('10.9.9.9') },
    name: 'network',
    state: 'fail',
    text: 'server.host',
  },
  { says: 'no network', change: { addresses: [] }, name: 'network', state: 'warn', text: 'loopback' },
  {
    says: 'a lid',
    change: { sleep: laptop },
    name: 'sleep',
    state: 'warn',
    text: 'lid is closed (HandleLidSwitch=suspend)',
  },
  {
    says: 'an ignored lid',
    change: { sleep: { ...laptop, logind: { HandleLidSwitch: 'ignore' } } },
    name: 'sleep',
    state: 'ok',
    text: 'Nothing',
  },
  {
    says: 'idleness',
    change: { sleep: { ...healthy.sleep, logind: { IdleAction: 'suspend' } } },
    name: 'sleep',
    state: 'warn',
    text: '30min',
  },
  {
    says: 'a desktop',
    change: { sleep: { ...healthy.sleep, desktopIdle: 'suspend' } },
    name: 'sleep',
    state: 'warn',
    text: 'desktop',
  },
  {
    says: 'masked units',
    change: { sleep: { ...laptop, targets: { 'sleep.target': 'masked' } } },
    name: 'sleep',
    state: 'ok',
    text: 'masked',
  },
  {
    says: 'a kernel that cannot',
    change: { sleep: { ...laptop, kernelStates: [] } },
    name: 'sleep',
    state: 'ok',
    text: 'cannot',
  },
  {
    says: 'a slow profile',
    change: { sleep: { ...healthy.sleep, powerProfile: 'low-power' } },
    name: 'sleep',
    state: 'warn',
    text: 'low-power',
  },
  {
    says: 'a container',
    change: { system: { ...healthy.system, isContainer: true }, sleep: laptop },
    name: 'sleep',
    state: 'skip',
    text: 'container',
  },
]

describe('the doctor tells', () => {
  test.each([...cases])('$says: $state', async ({ change, name, state, text }) => {
    const finding = await findingOf(name, { ...healthy, ...change })
    expect(finding?.state).toBe(state)
    expect(`${finding?.found} ${finding?.advice}`).toContain(text)
  })

  test('nothing bad about a healthy machine, and what to do about everything else', async () => {
    const { findings } = await examine(healthy)
    expect(findings.filter(({ state }) => state !== 'ok').map(({ name }) => name)).toEqual(['settings', 'a token'])
    for (const { change } of cases) {
      for (const finding of (await examine({ ...healthy, ...change })).findings) {
        if (finding.state === 'warn' || finding.state === 'fail') expect(finding.advice).not.toBeNull()
      }
    }
  })

  test('a refused configuration with line, setting and fix', async () => {
    const finding = await findingOf('settings', healthy)
    expect(finding).toMatchObject({
      state: 'fail',
      found: '/h/hearth.yaml, line 3: server.port: It is "x".',
      advice: 'Write a number. Hearth does not start with it, and a running one keeps what it had.',
    })
  })

  test('whether engines are there, and a token only through one that is', async () => {
    const engine = { name: 'llama', isInstalled: false, version: null, variant: null }
    const proveSmoke = () => Promise.resolve({ ok: true, tokensPerSecond: 1234.4, message: 'It answered.' })
    const engines = () => Promise.resolve([engine])
    expect(await findingOf('engine llama', healthy, { engines })).toMatchObject({ state: 'warn' })
    expect(await findingOf('a token', healthy, { engines, proveSmoke })).toMatchObject({ state: 'skip' })
    expect(await findingOf('a token', healthy, { proveSmoke })).toMatchObject({
      state: 'ok',
      found: 'It answered. (1234 tokens/s)',
    })
  })

  test('of a check that breaks, and goes on with the others', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('no'))
    const { findings, summary } = await examine(healthy, { facts: broken, engines: broken, proveSmoke: broken })
    expect(findings.map(({ name, state }) => `${state} ${name}`)).toEqual([
      'fail machine',
      'fail settings',
      'fail engines',
      'fail a token',
    ])
    expect(summary).toEqual({ ok: 0, warn: 0, fail: 4, skip: 0 })
  })
})
