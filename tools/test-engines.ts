import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

export type Engines =
  | { readonly ok: true; readonly env: Record<string, string> }
  | { readonly ok: false; readonly env: Record<string, string>; readonly message: string }

const installDeadlineMs = 300_000

/**
 * The engines that the tests run, installed once and kept under node_modules/.cache: `npm ci` throws them away with
 * node_modules. HEARTH_TEST_ENGINES_DIR names another place, for example one that is shared by several checkouts.
 */
export async function prepareEngines(root: string): Promise<Engines> {
  const folder = process.env.HEARTH_TEST_ENGINES_DIR ?? join(root, 'node_modules/.cache/hearth-engines')
  const env = { HEARTH_TEST_ENGINES_DIR: folder }
  const installer = join(root, 'tools/install-engine.ts')
  if (!existsSync(installer)) return { ok: false, env, message: `${installer} is missing: no engine can be tested.` }
  await mkdir(folder, { recursive: true })
  const child = Bun.spawn([process.execPath, '--no-env-file', '--no-install', installer, 'llama', folder], {
    cwd: root,
    env: { ...process.env },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    timeout: installDeadlineMs,
  })
  const code = await child.exited
  if (code === 0) return { ok: true, env }
  return { ok: false, env, message: `The llama engine could not be installed into ${folder} (exit code ${code}).` }
}
