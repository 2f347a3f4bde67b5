import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

/** A real Chromium with a profile of its own. */
export interface PageBrowser extends AsyncDisposable {
  readonly context: BrowserContext
  /** What no page may say: errors of scripts, and whatever the page's policy refused. */
  readonly complaints: readonly string[]
}

export interface PageBrowserOptions {
  readonly viewport: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  /** `reduce`: nothing moves, so a picture needs no waiting. */
  readonly reducedMotion?: 'reduce' | 'no-preference'
  /** For a house whose authority this profile was not given. */
  readonly ignoresCertificates?: boolean
}

/** The path of Chromium, or null where the tests of the page are skipped. */
export const chromiumPath: string | null =
  process.env['HEARTH_TEST_CHROMIUM'] ?? (process.env['HEARTH_TEST_SYSTEM'] === '1' ? '/usr/bin/chromium' : null)

const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

export async function startPageBrowser(options: PageBrowserOptions): Promise<PageBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'hearth-test-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
    viewport: options.viewport,
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: options.reducedMotion ?? 'no-preference',
    ignoreHTTPSErrors: options.ignoresCertificates ?? false,
  })
  const complaints: string[] = []
  context.on('weberror', (thrown) => void complaints.push(thrown.error().message))
  context.on('console', (message) => {
    // A refused or lost request is the server's business and often what a test is about; the browser logs it too.
    const isRequest = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isRequest) complaints.push(message.text())
  })
  return {
    context,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
