import { constants } from 'node:fs'
import { link, open, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, messageOf } from '#kernel/errors.ts'
import { randomText } from '#platform/crypto/random.ts'
import { keyBytes, randomKey } from '#platform/crypto/seal.ts'
import type { FoundKey, KeySource } from '../ports.ts'

export interface InstanceKeyOptions {
  /** HEARTH_PRIVACY_KEY: 64 hex digits, or base64 of 32 bytes; null = the file. */
  readonly given: string | null
  readonly home: string
}

const fileName = 'privacy.key'
const lettersOfNames = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * The key that everything else is sealed with: from the environment, or 32 bytes in `HEARTH_HOME/privacy.key` that are
 * made once. A file that others may read is not used, as with the keys of ssh.
 */
export function createInstanceKey({ given, home }: InstanceKeyOptions): KeySource {
  const path = join(home, fileName)
  return {
    async read({ mayMake }) {
      if (given !== null) return { kind: 'key', key: parseKey(given) }
      const found = await readKeyFile(path)
      if (found !== null) return found
      if (!mayMake) return locked(`${path} is missing. Put it back from a copy, or set HEARTH_PRIVACY_KEY.`)
      return (await makeKeyFile(path)) ?? locked(`${path} was there and is not any more. Start Hearth again.`)
    },
  }
}

/** Throws an AppError that does not repeat the text. */
function parseKey(text: string): Uint8Array {
  const trimmed = text.trim()
  const isHex = /^[0-9a-f]{64}$/i.test(trimmed)
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
  const key = isHex ? Buffer.from(trimmed, 'hex') : isBase64 ? Buffer.from(trimmed, 'base64') : Buffer.alloc(0)
  if (key.length === keyBytes) return key
  const message =
    `HEARTH_PRIVACY_KEY is none: 64 hex digits or the base64 of ${keyBytes} bytes are wanted, for example what ` +
    `\`openssl rand -base64 ${keyBytes}\` prints. Leave it unset and Hearth keeps a key of its own in its home.`
  throw new AppError('invalid', message, { reason: 'bad_privacy_key' })
}

async function readKeyFile(path: string): Promise<FoundKey | null> {
  let file: FileHandle
  try {
    // Without following a link: what stands there is the key itself or nothing.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null
    if (codeOf(thrown) === 'ELOOP') return locked(`${path} is a link. Put the file itself there.`)
    return locked(`${path} cannot be read: ${messageOf(thrown)}.`)
  }
  try {
    const { mode } = await file.stat()
    if ((mode & 0o077) !== 0) {
      const seen = (mode & 0o777).toString(8).padStart(3, '0')
      return locked(`${path} may be used by others (mode ${seen}). Say \`chmod 600 ${path}\` and start Hearth again.`)
    }
    const key = await file.readFile()
    if (key.length === keyBytes) return { kind: 'key', key }
    return locked(`${path} has ${key.length} bytes instead of ${keyBytes}. Put it back from a copy.`)
  } catch (thrown) {
    return locked(`${path} cannot be read: ${messageOf(thrown)}.`)
  } finally {
    await file.close()
  }
}

/** Whole or not at all, and on the disk before anything is sealed with it. Of two processes one makes it. */
async function makeKeyFile(path: string): Promise<FoundKey | null> {
  const beside = `${path}.${randomText(12, lettersOfNames)}`
  try {
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(randomKey())
      await file.sync()
    } finally {
      await file.close()
    }
    // A link never takes the place of what is there, as a rename would.
    await link(beside, path).catch((thrown: unknown) => {
      if (codeOf(thrown) !== 'EEXIST') throw thrown
    })
    await syncFolder(dirname(path))
  } catch (thrown) {
    return locked(`${path} cannot be written: ${messageOf(thrown)}.`)
  } finally {
    await unlink(beside).catch(() => {})
  }
  return readKeyFile(path)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function locked(why: string): FoundKey {
  return { kind: 'locked', why }
}

function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
}
