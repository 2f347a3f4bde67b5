import type { KeyId, RequestId, UserId } from '#kernel/ids.ts'
import { keyId, requestId, timeInId, userId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import { createTextPool } from './random.ts'

const base36 = 'abcdefghijklmnopqrstuvwxyz0123456789'
const nextKeyText = createTextPool(12, base36)
const nextRequestText = createTextPool(16, base36)
const nextTimeless = createTextPool(8, base36)

export function newKeyId(): KeyId {
  return keyId(nextKeyText())
}

export function newUserId(): UserId {
  return userId(`usr_${nextKeyText()}`)
}

/** About 100 ns: one is made for every request. `at`: when it came, for what has a row that is to be found again. */
export function newRequestId(at: EpochMs | null = null): RequestId {
  return requestId(`req_${at === null ? nextTimeless() : timeInId(at)}${nextRequestText()}`)
}

/** For what a dialect gives a name of its own: `msg_` and 24 of `a-z0-9`. */
export function newWireId(prefix: string): string {
  return prefix + nextRequestText()
}
