import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { AuditHeadStore } from '../ports.ts'

const fileName = 'audit.head'

const mark = z.object({ position: z.number().int().nonnegative(), hash: z.string().length(64), at: z.number() })
const shape = z.object({ head: mark, marks: z.array(mark).max(10_000) })

/** Where the chain ended, in `HEARTH_HOME/audit.head`: beside the database, not in it. */
export function createFileAuditHead(home: string): AuditHeadStore {
  const place = join(home, fileName)
  return {
    place,
    async read() {
      const text = await readFile(place, 'utf8').catch((thrown: unknown) => {
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
        throw unreadable(place, messageOf(thrown))
      })
      if (text === null) return null
      const parsed = shape.safeParse(jsonOf(text))
      if (!parsed.success) throw unreadable(place, 'it is damaged')
      return parsed.data
    },
    async write(head) {
      // Written beside and put in place in one step: whoever reads it sees one or the other.
      const file = await open(`${place}.new`, 'w', 0o600)
      try {
        await file.writeFile(`${JSON.stringify(head)}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${place}.new`, place)
    },
  }
}

function unreadable(place: string, why: string): AppError {
  const message = `${place} cannot be read: ${why}. Whether the end of the audit log was cut off cannot be told by it.`
  return new AppError('invalid', message, { reason: 'bad_audit_head' })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
