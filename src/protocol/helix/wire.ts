import { z } from 'zod'

/**
 * Bodies and answers of HelixFlow's auth service. Its clients send members that it does not know; they are passed over
 * here as there, and nothing of them is taken for a role.
 */
const text = (most: number) => z.string().max(most)
const optional = (most: number) => text(most).nullish()

export const register = z.object({
  username: text(100),
  email: text(254),
  password: text(1024),
  first_name: optional(100),
  last_name: optional(100),
  organization: optional(100),
})
export const registered = z.object({ success: z.literal(true), message: z.string(), user_id: z.string() })

export const login = z.object({ email: optional(254), username: optional(254), password: text(1024) })
export const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })
export const refresh = z.object({ refresh_token: text(2048) })
export const revoke = z.object({ token: text(2048) })
export const revoked = z.object({ status: z.literal('success') })

export const health = z.object({
  status: z.literal('healthy'),
  timestamp: z.string(),
  service: z.string(),
  auth_service_connected: z.boolean(),
})
