export const sessionCookie = 'hearth_session'

/**
 * The session's token out of a Cookie header; null when it is not there. The first one counts, as browsers send the
 * nearest path first.
 */
export function readSessionCookie(header: string): string | null {
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === sessionCookie) return part.slice(at + 1).trim() || null
  }
  return null
}

/** `maxAgeSeconds` 0 takes the cookie away. */
export function writeSessionCookie(token: string, options: { maxAgeSeconds: number; isSecure: boolean }): string {
  const secure = options.isSecure ? '; Secure' : ''
  return `${sessionCookie}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${options.maxAgeSeconds}${secure}`
}
