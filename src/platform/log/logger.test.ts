import { expect, test } from 'bun:test'
import { createLogger, type LogLevel } from './logger.ts'

const collect = (level: LogLevel, format: 'lines' | 'json') => {
  const lines: string[] = []
  return { lines, log: createLogger({ level, format, write: (line) => lines.push(line), now: () => 0 }) }
}

test('lines below the level are not written', () => {
  const { lines, log } = collect('warn', 'lines')
  log.info('quiet')
  log.warn('loud', { port: 1 })
  expect(lines).toEqual(['00:00:00.000 warn  loud port=1'])
})

test('an error is told with its causes, once each', () => {
  const { lines, log } = collect('info', 'json')
  log.child({ part: 'fleet' }).error('engine ended', { error: new Error('outer', { cause: new Error('inner') }) })
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    level: 'error',
    message: 'engine ended',
    part: 'fleet',
    error: 'outer ← inner',
  })
})

test('a runaway value cannot fill the disk with one line', () => {
  const { lines, log } = collect('info', 'lines')
  log.info('big', { value: 'x'.repeat(100_000) })
  expect(lines[0]?.length).toBeLessThan(8200)
})
