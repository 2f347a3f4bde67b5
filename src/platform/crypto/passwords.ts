/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 50 ms on one core. */
export const argon2 = { memoryKib: 19_456, passes: 2 } as const

/** Of 32 random bytes that were thrown away: judging where there is no password takes as long as with one. */
export const hashOfNobody =
  '$argon2id$v=19$m=19456,t=2,p=1$d1d+bdIjmLaP1EmOEU98dsJEZ/O3VzJSELvrTnNOaVI$/xFfgwOepyYKUbywi3po/LpQop3bQmu4UQLJ/ntNlz8'

/** A PHC text, with a salt of its own in it. Runs beside the serving thread. */
export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(prepared(password), {
    algorithm: 'argon2id',
    memoryCost: argon2.memoryKib,
    timeCost: argon2.passes,
  })
}

/** False also for a text that is no hash. */
export function verifyPassword(password: string, hash: string): Promise<boolean> {
  return Bun.password.verify(prepared(password), hash).catch(() => false)
}

/** Whether a hash was made with these very costs; one that was not is made anew when its password is known. */
export const isOfToday = (hash: string): boolean =>
  hash.startsWith(`$argon2id$v=19$m=${argon2.memoryKib},t=${argon2.passes},p=1$`)

/** The same letters typed on two keyboards may be other bytes. */
const prepared = (password: string): string => password.normalize('NFKC')
