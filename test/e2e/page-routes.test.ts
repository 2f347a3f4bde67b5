import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type GatewayHouse, startGatewayHouse } from '../env/gateway-house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { desk, faultsOfLayout, openTab, pageTestMs, phone, signIn, visible } from '../env/page-visit.ts'

if (chromiumPath === null)
  describe.skip('the routes in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('the routes in a real browser', routeTests)

function routeTests(): void {
  let both: GatewayHouse
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    both = await startGatewayHouse({
      config: `routes:
  - model: either
    aliases: [gpt-4o]
    policy: least-in-flight
    targets: [{ upstream: fake, model: echo, weight: 2 }, { upstream: fake, model: big/echo }]
    fallbacks: [{ on: [context_length], model: hearth/smoke }]
`,
    })
    browser = await startPageBrowser({ viewport: desk })
    page = await browser.context.newPage()
    await signIn(page, both.house)
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await both?.[Symbol.asyncDispose]()
  }, 60_000)

  test(
    'a name shows who answers for it, by which policy, and what it falls back to',
    async () => {
      await openTab(page, 'Routes')
      const route = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'either', level: 3 }) })
      await route.getByText('also gpt-4o').waitFor(visible)
      await route.getByText('fewest requests in flight').waitFor(visible)
      expect(await route.getByText('Well', { exact: true }).count()).toBe(2)
      await route.getByText('hearth/smoke').waitFor(visible)
      await route.getByText('when the prompt is too long').waitFor(visible)
      await page.getByRole('heading', { name: 'Upstreams' }).waitFor(visible)
      await page.getByText('2 models').click()
      await page.getByRole('link', { name: 'fake/big/echo' }).waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a target is asked for one token, and its failure is told in words',
    async () => {
      await openTab(page, 'Routes')
      both.upstream.play({ tokens: 1 })
      const button = page.getByRole('button', { name: 'Ask fake/big/echo for one token' }).first()
      await button.click()
      await page
        .getByText(/^Answered in/)
        .first()
        .waitFor(visible)
      const sent = both.upstream.requests.findLast(({ path }) => path === '/v1/chat/completions')
      expect(sent?.body).toMatchObject({ model: 'big/echo', max_tokens: 1 })
      both.upstream.play({ mode: 'error_500' })
      await button.click()
      await page
        .getByText(/^Answered in/)
        .first()
        .waitFor({ ...visible, state: 'detached' })
      await page.locator('p[role=status].text-garnet').first().waitFor(visible)
    },
    pageTestMs,
  )

  test(
    'what is in flight is seen while it is',
    async () => {
      await openTab(page, 'Routes')
      both.upstream.play({ tokens: 100_000, tokenMs: 20 })
      const control = new AbortController()
      const { signal } = control
      const body = JSON.stringify({ model: 'fake/echo', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
      const answer = await both.house.ask('/v1/chat/completions', { method: 'POST', body, signal })
      await page.getByText('1 in flight').first().waitFor(visible)
      control.abort()
      await answer.text().catch(() => '')
      await page
        .getByText('1 in flight')
        .first()
        .waitFor({ ...visible, state: 'detached' })
    },
    pageTestMs,
  )

  test(
    'on a phone it fits',
    async () => {
      await page.setViewportSize(phone)
      await openTab(page, 'Routes')
      await page.getByRole('heading', { name: 'either', level: 3 }).waitFor(visible)
      expect(await faultsOfLayout(page)).toEqual([])
    },
    pageTestMs,
  )
}
