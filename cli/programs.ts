/** The only place where the command line starts another program; never a shell. */

export interface Program {
  readonly argv: readonly string[]
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Becomes the program where the system can: same pid, so that a supervisor's signals reach it. Elsewhere the program
 * is a child that gets every signal, and its exit code is the answer.
 */
export async function becomeProgram({ argv, env }: Program): Promise<number> {
  if (process.platform !== 'win32' && typeof process.execve === 'function') {
    process.execve(argv[0] ?? '', [...argv], { ...env })
  }
  const child = Bun.spawn([...argv], { env: { ...env }, stdio: ['inherit', 'inherit', 'inherit'] })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  return child.exited
}

/** Runs a program to its end and reads what it says; ends it after `timeoutMs`. */
export async function readProgram({ argv, env, timeoutMs }: Program & { readonly timeoutMs: number }): Promise<{
  readonly out: string
  readonly err: string
}> {
  const options = { env: { ...env }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', timeout: timeoutMs } as const
  const child = Bun.spawn([...argv], options)
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { out, err }
}

/** Whether the program could be started and ended well. */
export async function tryProgram({ argv, env }: Program): Promise<boolean> {
  try {
    return (await Bun.spawn([...argv], { env: { ...env }, stdio: ['ignore', 'ignore', 'ignore'] }).exited) === 0
  } catch {
    return false
  }
}
