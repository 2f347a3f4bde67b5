import type { Scope } from './words.ts'

/**
 * What a person may do, in the one spelling that there is: `<thing>.<deed>`. `api_key.*` is about keys of one's own;
 * those of others are for whoever has `system.admin`.
 */
export const permissions = [
  'user.create',
  'user.read',
  'user.update',
  'user.delete',
  'model.inference',
  'model.list',
  'model.manage',
  'api_key.create',
  'api_key.read',
  'api_key.revoke',
  'system.monitor',
  'system.admin',
] as const
export type Permission = (typeof permissions)[number]

/** From the one that may most to the one that may least. */
export const roles = ['admin', 'developer', 'user', 'viewer'] as const
export type Role = (typeof roles)[number]

const ofRole: Readonly<Record<Role, readonly Permission[]>> = {
  admin: permissions,
  developer: [
    'model.inference',
    'model.list',
    'model.manage',
    'api_key.create',
    'api_key.read',
    'api_key.revoke',
    'system.monitor',
  ],
  user: ['model.inference', 'model.list', 'api_key.create', 'api_key.read', 'api_key.revoke'],
  viewer: ['model.list', 'system.monitor'],
}

export const permissionsOfRole = (role: Role): readonly Permission[] => ofRole[role]

/** Scopes are what routes ask for; each is the shadow of one permission. */
const permissionBehind: Readonly<Record<Scope, Permission>> = {
  inference: 'model.inference',
  monitor: 'system.monitor',
  'fleet.operate': 'model.manage',
  admin: 'system.admin',
}

export const roleHasScope = (role: Role, scope: Scope): boolean => ofRole[role].includes(permissionBehind[scope])

/** What a key may do, said in permissions: it never makes further keys or people, unless it is an admin's. */
export function permissionsOfScopes(may: (scope: Scope) => boolean): readonly Permission[] {
  if (may('admin')) return permissions
  const granted = new Set<Permission>()
  if (may('inference')) granted.add('model.inference').add('model.list')
  if (may('monitor')) granted.add('system.monitor').add('model.list')
  if (may('fleet.operate')) granted.add('model.manage')
  return permissions.filter((permission) => granted.has(permission))
}
