import { join } from 'node:path'
import type { Announce } from '#kernel/words.ts'
import type { Environment, LiveConfig } from '#config/index.ts'
import { createFoundFiles, createHuggingfaceHub, Library, pullRoutes, PullService } from '#fleet/index.ts'
import { systemClock } from '#platform/clock.ts'
import type { Egress } from '#platform/egress/contract.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import { derive } from './settings.ts'

export interface PullParts {
  readonly environment: Environment
  readonly live: LiveConfig
  readonly egress: Egress
  readonly announce: Announce<{ readonly type: string; readonly data: unknown }>
  /** What models may use together; null = the machine does not tell. */
  readonly budgetBytes: () => number | null
  readonly log: Logger
}

/** Model files: from the hub, and those that other programs brought to this machine. */
export function composePulls({ environment, live, egress, announce, budgetBytes, log }: PullParts): {
  readonly pulls: PullService
  readonly routes: readonly AnyRoute[]
} {
  const { config, secrets } = live
  const folder = join(config.value.home, 'models')
  const recipes = derive(config, ({ models }) => models)
  const hub = derive(config, ({ hub: { huggingface } }) =>
    createHuggingfaceHub({ download: egress.download, baseUrl: huggingface, token: secrets.value.huggingfaceToken }),
  )
  const pulls = new PullService({ hub, folder, recipes, book: live.recipes, announce, log, clock: systemClock })
  const { userHome, ollamaModels, huggingfaceCache } = environment
  const found = createFoundFiles({ hearthFolder: folder, userHome, ollamaModels, huggingfaceCache })
  const library = new Library({
    found,
    recipes,
    budgetBytes,
  })
  return { pulls, routes: pullRoutes(pulls, library) }
}
