import { describe, expect, test } from 'bun:test'
import { chooseVariant, differsFromLock, explainNpmFailure, type MachineFacts, withVariant } from './engine-runtime.ts'

const linux: MachineFacts = {
  platform: 'linux',
  architecture: 'x64',
  hasNvidiaDriver: false,
  hasVulkan: false,
  hasGlibc: true,
}
const variants = {
  'linux-x64': { cpu: 'a' },
  'linux-arm64': { arm: 'b' },
  'linux-x64-cuda': { cpu: 'a', cuda: 'c' },
  'linux-x64-vulkan': { cpu: 'a', vulkan: 'd' },
  'mac-arm64-metal': { metal: null },
}

describe('the best build for a machine', () => {
  for (const [machine, wanted] of [
    [linux, 'linux-x64'],
    [{ ...linux, hasVulkan: true }, 'linux-x64-vulkan'],
    [{ ...linux, hasVulkan: true, hasNvidiaDriver: true }, 'linux-x64-cuda'],
    [{ ...linux, architecture: 'arm64', hasNvidiaDriver: true }, 'linux-arm64'],
    [{ ...linux, platform: 'darwin', architecture: 'arm64' }, 'mac-arm64-metal'],
    [{ ...linux, platform: 'darwin' }, null],
    [{ ...linux, hasGlibc: false }, null],
    [{ ...linux, platform: 'win32' }, null],
  ] as const) {
    test(`${JSON.stringify(machine)} is ${wanted}`, () => {
      const chosen = chooseVariant(machine, variants)
      expect(chosen.kind === 'variant' ? chosen.name : null).toBe(wanted)
      if (chosen.kind === 'none') expect(chosen.message).toContain('a recipe with "cmd"')
    })
  }
})

const lock = {
  packages: { '': { dependencies: { engine: '1.0.0' } }, 'node_modules/engine': { version: '1.0.0', integrity: 'x' } },
}

test("a variant's packages stand in manifest and lock beside the engine's own", () => {
  const files = withVariant(
    { manifest: { dependencies: { engine: '1.0.0' } }, lock },
    { version: '1.0.0', packages: { cpu: 'a', metal: null } },
  )
  expect(files.manifest.dependencies).toEqual({ engine: '1.0.0', cpu: '1.0.0', metal: '1.0.0' })
  expect(files.lock.packages).toEqual({
    '': { dependencies: { engine: '1.0.0', cpu: '1.0.0', metal: '1.0.0' } },
    'node_modules/engine': { version: '1.0.0', integrity: 'x' },
    'node_modules/cpu': { version: '1.0.0', integrity: 'a' },
    'node_modules/metal': { version: '1.0.0' },
  })
})

test('what npm installed is compared with the lock, package by package', () => {
  const installed = (version: string, integrity: string) => ({
    packages: { 'node_modules/engine': { version, integrity } },
  })
  expect(differsFromLock(lock, installed('1.0.0', 'x'))).toBeNull()
  expect(differsFromLock(lock, { packages: {} })).toBe('node_modules/engine is missing')
  expect(differsFromLock(lock, installed('1.0.1', 'x'))).toBe('node_modules/engine is 1.0.1 instead of 1.0.0')
  expect(differsFromLock(lock, installed('1.0.0', 'y'))).toContain('another digest')
})

describe("npm's failure is told as what happened and what to do", () => {
  for (const [line, wanted] of [
    ['npm error code EINTEGRITY', /not the one that is pinned/],
    [
      'npm error request to https://registry.example/x failed, reason: getaddrinfo ENOTFOUND',
      /could not reach https:\/\/registry.example\. Check/,
    ],
    ['npm error code ENOSPC', /the disk is full/],
    ['npm error code EACCES', /may not write there/],
    ['npm error code E404', /does not have one of the packages/],
    ['npm error something else', /^npm ended with code 7: something else$/],
    ['', /^npm ended with code 7$/],
  ] as const) {
    test(line, () => expect(explainNpmFailure([line], 7)).toMatch(wanted))
  }
})
