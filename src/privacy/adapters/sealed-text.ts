/** Sealed bytes stand as base64 in `text` columns: the two engines have different types for bytes. */
export function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

export function asBytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64')
}
