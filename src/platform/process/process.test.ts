import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { createLineSplitter } from './lines.ts'
import { LogFile, readLogTail } from './log-file.ts'
import { markOfOwnChild, openRecordFolder, parseMark, sweepOrphans } from './orphans.ts'
import { identityOf, isAlive, processesWithMark, signalProcess } from './procfs.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-process-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const markName = `HEARTH_TEST_${process.pid}`
const shell = (script: string, env: Record<string, string> = {}, onLine: (line: string) => void = () => {}) =>
  startChild({
    argv: ['/bin/sh', '-c', script],
    env: { PATH: '/usr/bin:/bin', [markName]: crypto.randomUUID(), ...env },
    cwd: folder,
    markName,
    onLine,
  })

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (isTrue()) return
    await Bun.sleep(5)
  }
  throw new Error('it never became true')
}

describe('a child', () => {
  test('has only the environment it was given, and its lines are all heard', async () => {
    const lines: string[] = []
    const child = shell('echo out; echo err >&2; env; printf unfinished', { A: 'b' }, (line) => lines.push(line))
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(lines).toContain('out')
    expect(lines).toContain('err')
    expect(lines).toContain('A=b')
    expect(lines).toContain('unfinished')
    expect(lines.some((line) => line.startsWith('HOME='))).toBe(false)
  })

  test('that ignores SIGTERM is killed after the grace, with its children and those that left its group', async () => {
    const mark = crypto.randomUUID()
    const ready = Promise.withResolvers<void>()
    const child = shell(
      'trap "" TERM; sleep 100 & setsid --fork sleep 100; echo ready; while true; do sleep 1; done',
      { [markName]: mark },
      () => ready.resolve(),
    )
    await ready.promise
    await until(() => processesWithMark(markName).filter((process) => process.mark === mark).length >= 3)
    await child.stop(50)
    expect((await child.exited).signal).toBe('SIGKILL')
    await until(() => processesWithMark(markName).every((process) => process.mark !== mark))
  })

  test('that does not exist is a sentence with its name', () => {
    expect(() =>
      startChild({ argv: ['/no/such/program'], env: { [markName]: 'x' }, cwd: folder, markName, onLine() {} }),
    ).toThrow(/"\/no\/such\/program" cannot be started/)
  })

  test('whose pid was given to another process is left alone', async () => {
    const child = shell('exec sleep 100')
    const stranger = { ...child.identity, startTime: '1' }
    expect(signalProcess(stranger, 'SIGKILL')).toBe(false)
    expect(signalProcess({ ...child.identity, bootId: 'another boot' }, 'SIGKILL')).toBe(false)
    expect(isAlive(child.identity)).toBe(true)
    await child.stop(1000)
    expect(isAlive(child.identity)).toBe(false)
  })
})

describe('the sweep', () => {
  test('ends what a killed server left, and only that', async () => {
    const home = `home-${process.pid}`
    const records = openRecordFolder(join(folder, 'records'))
    const dead = shell('exit 0')
    await dead.exited
    const orphanMark = `${home}/${dead.identity.pid}.${dead.identity.startTime}/one`
    const orphan = shell('exec sleep 100', { [markName]: orphanMark })
    const own = shell('exec sleep 100', { [markName]: markOfOwnChild(home, 'two') })
    const foreign = shell('exec sleep 100', { [markName]: orphanMark.replace(home, 'other-home') })
    records.put('one', { ...orphan.identity, mark: orphanMark, port: 1 })
    await until(() => processesWithMark(markName).length >= 3)
    expect(await sweepOrphans({ markName, home, records, graceMs: 2000 })).toBe(1)
    await orphan.exited
    expect([isAlive(orphan.identity), isAlive(own.identity), isAlive(foreign.identity)]).toEqual([false, true, true])
    expect(records.all()).toEqual([])
    await Promise.all([own.stop(1000), foreign.stop(1000)])
  })

  test('a mark holds home, server and instance', () => {
    expect(parseMark(markOfOwnChild('h', 'a/b'))).toEqual({
      home: 'h',
      serverPid: process.pid,
      serverStartTime: identityOf(process.pid)?.startTime ?? '',
      instance: 'a/b',
    })
    expect(parseMark('nonsense')).toBeNull()
  })
})

describe('logs', () => {
  test('a line without an end is told in parts, and a progress bar line by line', () => {
    const lines: string[] = []
    const splitter = createLineSplitter(10, (line) => lines.push(line))
    splitter.push(Buffer.from('1%\r2%\r3%\nab'))
    splitter.push(Buffer.from('c'.repeat(30)))
    splitter.end()
    expect(lines).toEqual(['1%', '2%', '3%', `ab${'c'.repeat(8)}…`])
  })

  test('a log file never grows past its limit, and its tail spans both parts', async () => {
    const path = join(folder, 'model.log')
    using log = new LogFile({ path, maxBytes: 4096 })
    for (let n = 0; n < 1000; n++) log.write(`line ${n}`)
    expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(4096)
    const tail = await readLogTail(path, 100)
    expect(tail.split('\n').length).toBe(101)
    expect(tail.endsWith('line 998\nline 999\n')).toBe(true)
    expect(tail.startsWith('line 900\n')).toBe(true)
    expect(await readLogTail(join(folder, 'none.log'), 5)).toBe('')
  })
})
