import { constants } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { SigningKeyStore } from '../ports.ts'

const fileName = 'token-keys.json'

const shape = z.object({
  keys: z
    .array(
      z.object({
        x: z.string(),
        /** null: it signs no more. */
        d: z.string().nullable(),
        createdAt: z.number(),
        until: z.number().nullable(),
      }),
    )
    .max(100),
})

/**
 * What signs access tokens, in `HEARTH_HOME/token-keys.json`, for nobody else to read. Without the file new keys are
 * made: access tokens of before are refused then, and refresh tokens bring new ones.
 */
export function createFileSigningKeys(home: string): SigningKeyStore {
  const path = join(home, fileName)
  return {
    async read() {
      const text = await readOwn(path)
      if (text === null) return []
      const parsed = shape.safeParse(jsonOf(text))
      if (parsed.success) return parsed.data.keys
      const message = `${path} is damaged. Remove it, and Hearth makes new keys: access tokens of before are refused then.`
      throw new AppError('invalid', message, { reason: 'bad_token_keys' })
    },
    async write(keys) {
      // Written beside and put in place in one step; on the disk before anything is signed with it.
      const file = await open(`${path}.new`, 'w', 0o600)
      try {
        await file.writeFile(`${JSON.stringify({ keys })}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.new`, path)
    },
  }
}

async function readOwn(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((thrown: unknown) => {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw new AppError('invalid', `${path} cannot be read: ${messageOf(thrown)}.`, { reason: 'bad_token_keys' })
  })
  if (file === null) return null
  try {
    const { mode } = await file.stat()
    if ((mode & 0o077) === 0) return await file.readFile('utf8')
    const message = `${path} may be read by others, who could sign in as anybody. Run \`chmod 600 ${path}\`.`
    throw new AppError('invalid', message, { reason: 'bad_token_keys' })
  } finally {
    await file.close()
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
