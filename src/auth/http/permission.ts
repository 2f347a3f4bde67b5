import type { Permission } from '#kernel/permissions.ts'
import type { Caller } from '#kernel/words.ts'
import { permissionMissing, scopeMissing } from '../errors.ts'
import type { People } from '../service/people.ts'

/** Throws where a person's role, or a key's scopes, do not hold a permission. */
export function requirePermission(people: People, caller: Caller, permission: Permission): void {
  const authority = people.authorityOf(caller)
  if (authority.permissions.includes(permission)) return
  throw authority.user === null ? scopeMissing('admin', caller.name) : permissionMissing(permission)
}
