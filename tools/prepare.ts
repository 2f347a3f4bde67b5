/**
 * Runs after `npm ci` (npm's `prepare`): builds the page, so that `npm start` never builds anything.
 * It does nothing when Hearth is a dependency of something else, and leaves an installation without vite alone.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '..')
const vite = join(root, 'node_modules/vite/bin/vite.js')

process.exitCode = await prepare()

async function prepare(): Promise<number> {
  if (root.includes('/node_modules/')) return 0
  if (!existsSync(join(root, 'web/index.html'))) return 0
  if (!existsSync(vite)) {
    console.warn('The page was not built: vite is not installed. The API works without it; `npm ci` builds the page.')
    return 0
  }
  const build = [process.execPath, '--bun', '--no-env-file', '--no-install', vite, 'build', '--logLevel', 'warn']
  const child = Bun.spawn(build, {
    cwd: join(root, 'web'),
    env: { ...process.env, NODE_ENV: 'production', DO_NOT_TRACK: '1' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code === 0) return 0
  console.error(`The page could not be built (vite's exit code is ${code}):\n${out}${err}`)
  return 1
}
