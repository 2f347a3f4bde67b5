import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dir, '../..')

/** Files of the repository by glob, from the root, without what is built or installed. */
export function listFiles(...patterns: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const pattern of patterns) {
    for (const path of new Bun.Glob(pattern).scanSync({ cwd: root, dot: true })) {
      if (!/(^|\/)(node_modules|dist|out|\.git|\.venv)\//.test(path)) found.add(path)
    }
  }
  return [...found].sort()
}

export function readFiles(...patterns: readonly string[]): ReadonlyMap<string, string> {
  return new Map(listFiles(...patterns).map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

/** Everything of ours that is program text. */
export const programPatterns = [
  '{src,cli,engines,sdk,web,tools,test,bench,breakglass}/**/*.{ts,tsx,js}',
  '*.ts',
] as const
