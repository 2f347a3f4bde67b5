import type { KeyId, RequestId } from '#kernel/ids.ts'
import { keyId, requestId } from '#kernel/ids.ts'
import { createTextPool } from './random.ts'

const base36 = 'abcdefghijklmnopqrstuvwxyz0123456789'
const nextKeyText = createTextPool(12, base36)
const nextRequestText = createTextPool(24, base36)

export function newKeyId(): KeyId {
  return keyId(nextKeyText())
}

/** About 100 ns: one is made for every request. */
export function newRequestId(): RequestId {
  return requestId(`req_${nextRequestText()}`)
}
