import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeHouse } from './house.ts'
import type { FakeHouse } from './house.ts'

/** For tests: the command line as a person runs it, in a process of its own. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** `npm`: through bin/hearth.js under Node, as npm's link does. */
  readonly by?: 'bun' | 'npm'
}

const root = join(import.meta.dirname, '..', '..')

export const argvOf = (args: readonly string[], by: 'bun' | 'npm' = 'bun'): string[] =>
  by === 'npm'
    ? ['node', join(root, 'cli', 'bin', 'hearth.js'), ...args]
    : [process.execPath, '--no-env-file', '--no-install', join(root, 'cli', 'main.ts'), ...args]

/** Nothing of the tester's own environment but PATH: a HEARTH_URL in a shell must not decide a test. */
export const environmentOf = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  TZ: 'UTC',
  HEARTH_HOME: join(tmpdir(), 'hearth-no-such-home'),
  ...more,
})

export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = Bun.spawn(argvOf(args, options.by), {
    env: environmentOf(options.env),
    stdin: options.input === undefined ? 'ignore' : new TextEncoder().encode(options.input),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, out, err }
}

/** The command line in a terminal: what it shows, and keys to press. */
export interface InTerminal {
  readonly screen: () => string
  press(keys: string): void
  /** Resolves when the screen shows it, counting from the last call. */
  shows(text: string): Promise<void>
  readonly exited: Promise<number>
  readonly pid: number
}

export function runInTerminal(
  args: readonly string[],
  options: RunOptions & { readonly columns?: number } = {},
): InTerminal {
  let screen = ''
  let from = 0
  const decoder = new TextDecoder()
  const child = Bun.spawn(argvOf(args, options.by), {
    env: environmentOf({ TERM: 'xterm-256color', ...options.env }),
    terminal: {
      cols: options.columns ?? 100,
      rows: 30,
      data: (_, data) => void (screen += decoder.decode(data, { stream: true })),
    },
  })
  return {
    screen: () => screen,
    press: (keys) => void child.terminal?.write(keys),
    pid: child.pid,
    exited: child.exited,
    async shows(text) {
      await until(
        () => screen.indexOf(text, from) >= 0,
        () => `The screen does not show ${JSON.stringify(text)}: ${JSON.stringify(screen)}`,
      )
      from = screen.indexOf(text, from) + text.length
    },
  }
}

/** Polls a condition; fails after ten seconds with what there is to say. */
export async function until(
  condition: () => boolean,
  complaint: () => string = () => 'It never came true.',
): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(complaint())
    await Bun.sleep(2)
  }
}

/** A home with a fake house that answers on its socket. */
export function startHome(): AsyncDisposable & {
  readonly home: string
  readonly house: FakeHouse
  readonly env: Record<string, string>
} {
  const home = mkdtempSync(join(tmpdir(), 'hearth-cli-'))
  const house = startFakeHouse({ socket: join(home, 'hearth.sock') })
  return {
    home,
    house,
    env: { HEARTH_HOME: home },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
