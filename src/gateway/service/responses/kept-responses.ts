import type { Clock } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import { newWireId } from '#platform/crypto/ids.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { ResponseStore } from '../../ports.ts'
import { BackgroundRuns } from './background-runs.ts'
import type { LaneAsk } from '../answering/lanes.ts'
import { preparedAsk, type PreparedAsk } from './stored-responses-ask.ts'
import { responseTasks } from './stored-responses-tasks.ts'
import { StoredResponses, type ResponseSettings } from './stored-responses.ts'

export interface KeptResponsesOptions {
  readonly store: ResponseStore
  readonly clock: Clock
  readonly log: Logger
  readonly settings: () => ResponseSettings
  /** No other process has this database. */
  readonly isAlone: boolean
}

export interface EnteringRequest {
  readonly caller: Caller
  readonly request: Request
  readonly ask: LaneAsk
  /** Asks the data plane, from the door on. */
  readonly run: (request: Request) => Promise<Response>
}

export type Entered =
  | ({ readonly kind: 'asked' } & PreparedAsk)
  /** It runs in the background; this is the answer. */
  | { readonly kind: 'queued'; readonly response: Json }

/** All that the house knows of responses: what is kept, what runs in the background, and who cleans up. */
export class KeptResponses implements AsyncDisposable {
  readonly responses: StoredResponses
  readonly background: BackgroundRuns
  readonly tasks: readonly Task[]

  constructor(options: KeptResponsesOptions) {
    const parts = { ...options, newId: newWireId, log: options.log.child({ part: 'responses' }) }
    this.responses = new StoredResponses(parts)
    this.background = new BackgroundRuns({ ...parts, responses: this.responses })
    this.tasks = responseTasks({ ...parts, background: this.background })
  }

  /** A request of the Responses API, before it is known where it leads. Throws AppError. */
  async enter({ caller, request, ask, run }: EnteringRequest): Promise<Entered> {
    const { bytes, body } = ask
    if (body['background'] === true) {
      return { kind: 'queued', response: await this.background.start({ caller, request, bytes, body, run }) }
    }
    const prepared = await this.responses.prepare(caller, body)
    const keep = (response: Json): void => this.responses.keep(caller, prepared, response)
    return { kind: 'asked', ...preparedAsk(ask, prepared, keep) }
  }

  /** Ends what runs, then writes what waits: before the database goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.background[Symbol.asyncDispose]()
    await this.responses[Symbol.asyncDispose]()
  }
}
