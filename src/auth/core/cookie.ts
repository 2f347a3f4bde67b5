/** Over plain HTTP. */
export const sessionCookie = 'hearth_session'
/**
 * Over HTTPS. Cookies know no ports and no protocol: with one name, a sign-in over HTTPS would keep plain HTTP on the
 * same host from setting its own. Browsers take this name only with `Secure`, from the host itself.
 */
const secureCookie = `__Host-${sessionCookie}`

/**
 * The session's token out of a Cookie header; null when it is not there. The one of HTTPS goes before the other; of
 * several the first counts, as browsers send the nearest path first.
 */
export function readSessionCookie(header: string): string | null {
  return valueOf(header, secureCookie) ?? valueOf(header, sessionCookie)
}

function valueOf(header: string, name: string): string | null {
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || null
  }
  return null
}

/** `maxAgeSeconds` 0 takes the cookie away. */
export function writeSessionCookie(token: string, options: { maxAgeSeconds: number; isSecure: boolean }): string {
  const [name, secure] = options.isSecure ? [secureCookie, '; Secure'] : [sessionCookie, '']
  return `${name}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${options.maxAgeSeconds}${secure}`
}
