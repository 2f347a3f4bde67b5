/** A digest of bytes that come piece by piece. */
export interface RunningHash {
  update(bytes: Uint8Array): void
  /** 64 lower-case hex digits; once. */
  digest(): string
}

/** SHA-256 of what is too large to hold: about 1.5 GB a second. */
export function runningSha256(): RunningHash {
  const hasher = new Bun.CryptoHasher('sha256')
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => hasher.digest('hex'),
  }
}
