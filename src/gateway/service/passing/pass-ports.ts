import type { SocketExit } from '#platform/egress/contract.ts'
import type { SpoolRoom } from '#platform/files/spool.ts'
import type { AnswerPorts } from '../asking/answer-ports.ts'

/** What endpoints that pass as they are need beside the ports of conversations. */
export interface PassPorts extends AnswerPorts {
  readonly sockets: SocketExit
  readonly spool: SpoolRoom
  readonly passLimits: () => PassLimits
}

export interface PassLimits {
  /** The largest form. */
  readonly uploadBodyBytes: number
  /** The largest message of a WebSocket. */
  readonly socketMessageBytes: number
  /** A WebSocket on which neither side says anything for so long is closed. */
  readonly socketIdleMs: number
}
