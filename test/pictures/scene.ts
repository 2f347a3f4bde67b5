import type { Page } from 'playwright-core'

/** Somebody at the page of the fake house, with a camera. */
export interface Scene {
  readonly page: Page
  readonly url: string
  shot(what: string, isWhole?: boolean): Promise<void>
  mood(word: string): Promise<unknown>
  restart(isBack: boolean): Promise<void>
}
