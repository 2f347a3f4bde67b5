import { plainDeltas } from '../conversation/plain-deltas.ts'

/** Events that only add to a block. */
export const isPlainMessages = plainDeltas(['content_block_delta'])
