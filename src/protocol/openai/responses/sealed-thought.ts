/**
 * A thought's opaque part. This dialect has one member for it, `encrypted_content`; the signature of a vendor that has
 * both goes in there with a mark, so that it comes back to that vendor with the next request.
 */
interface Opaque {
  readonly signature: string | null
  readonly sealed: string | null
}

const mark = 'hearth-signature:'

export function seal({ signature, sealed }: Opaque): string | null {
  // A vendor that gives a signature gives the thought in clear beside it: there is nothing sealed to lose.
  return sealed ?? (signature === null || signature === '' ? null : mark + signature)
}

export function openSealed(content: string | null): Opaque {
  if (content === null || content === '') return { signature: null, sealed: null }
  return content.startsWith(mark)
    ? { signature: content.slice(mark.length), sealed: null }
    : { signature: null, sealed: content }
}
