import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from './house.ts'

/** The interpreter that HEARTH_TEST_SYSTEM=1 found; without it tests of Python's clients are skipped. */
export const python = process.env['HEARTH_TEST_PYTHON']

/** The vendors' own clients, as they are published. */
const packages = ['openai==3.52.0', 'anthropic==2.11.0']
const folder = join(repositoryRoot, 'node_modules/.cache/hearth-python-clients')

/** Installs the clients into a folder of their own, once, and returns the interpreter that has them. */
export async function pythonWithClients(): Promise<string> {
  const interpreter = join(folder, 'bin/python')
  const mark = Bun.file(join(folder, 'installed'))
  if ((await mark.exists()) && (await mark.text()) === packages.join('\n')) return interpreter
  await mkdir(folder, { recursive: true })
  await runPython([python ?? 'python3', '-m', 'venv', folder])
  await runPython([interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  await writeFile(join(folder, 'installed'), packages.join('\n'))
  return interpreter
}

/** What it wrote; its errors become one. */
export async function runPython(
  command: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...more }
  const child = Bun.spawn([...command], { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(' ').slice(0, 200)} failed: ${err.slice(-3_000)}`)
  return out
}
