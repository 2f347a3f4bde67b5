import { access, constants, mkdir } from 'node:fs/promises'
import { AppError } from '#kernel/errors.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'that disk can only be read',
  ENOSPC: 'the disk is full',
  EEXIST: 'there is a file in its place',
  ENOTDIR: 'there is a file in its place',
  ENAMETOOLONG: 'the path is too long',
}

/** Makes the home where it is missing. Throws an AppError that says what to do when it cannot be used. */
export async function prepareHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (thrown) {
    const { code = 'unknown' } = thrown as { readonly code?: string }
    const reason = reasons[code] ?? `the system says ${code}`
    const message = `Hearth cannot keep its state in ${home}: ${reason}. Mend that, or name another folder with HEARTH_HOME.`
    throw new AppError('invalid', message, { reason: 'home_unusable', cause: thrown })
  }
}
