import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, AppError } from '#kernel/errors.ts'
import { type SmokeKind, smokeModel } from '../core/gguf/smoke.ts'

export interface SmokeFiles {
  /** The path of the model's file, written or repaired if need be: whatever it answers is complete and unchanged. */
  ensure(kind: SmokeKind): Promise<string>
}

const names: Readonly<Record<SmokeKind, string>> = { chat: 'smoke.gguf', rank: 'smoke-rank.gguf' }

/** Keeps the models that Hearth writes itself in `<modelsDir>/hearth/`. */
export function createSmokeFiles(options: { readonly modelsDir: string }): SmokeFiles {
  const underway = new Map<SmokeKind, Promise<string>>()
  return {
    ensure(kind) {
      const running = underway.get(kind) ?? ensureFile(join(options.modelsDir, 'hearth', names[kind]), kind)
      underway.set(kind, running)
      return running.finally(() => underway.delete(kind))
    },
  }
}

async function ensureFile(path: string, kind: SmokeKind): Promise<string> {
  const wanted = smokeModel(kind)
  // Compared whole: making the bytes takes 10 ms, and a digest would have to read the file just the same.
  const found = await readFile(path).catch(() => null)
  if (found !== null && found.equals(wanted)) return path
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, wanted)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new AppError('internal', `Could not write the built-in model ${path}: ${messageOf(cause)}.`, { cause })
  }
  return path
}
