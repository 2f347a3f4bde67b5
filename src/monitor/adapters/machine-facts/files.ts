import { access, readFile } from 'node:fs/promises'

/** null = it is not there, or not for this user. */
export const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null)

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
