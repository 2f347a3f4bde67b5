import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type GatewayHouse, startGatewayHouse } from '../env/gateway-house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { type OpenaiUpstream, startOpenaiUpstream } from '../fakes/openai-upstream.ts'
import { desk, faultsOfLayout, openTab, pageTestMs, phone, signIn, visible } from '../env/page-visit.ts'

if (chromiumPath === null)
  describe.skip('the routes in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('the routes in a real browser', routeTests)

function routeTests(): void {
  let both: GatewayHouse
  let tight: OpenaiUpstream
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    tight = await startOpenaiUpstream()
    both = await startGatewayHouse({
      config: `  - name: tight
    baseUrl: ${tight.url}
    apiKey: ${tight.key}
    models: [echo]
    pool: narrow-gpu
pools: [{ name: narrow-gpu, concurrency: 1 }]
routes:
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
    await tight?.[Symbol.asyncDispose]()
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
      const places = page.getByRole('list', { name: 'Places' }).getByRole('listitem')
      await places.filter({ hasText: 'fake' }).getByText('1 in flight, no limit').waitFor(visible)
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
    'where all places are taken, the page tells who waits',
    async () => {
      await openTab(page, 'Routes')
      tight.play({ tokens: 100_000, tokenMs: 20 })
      const control = new AbortController()
      const ask = async (headers: Readonly<Record<string, string>>) => {
        const body = JSON.stringify({ model: 'tight/echo', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
        const init = { method: 'POST', body, headers, signal: control.signal }
        await both.house.ask('/v1/chat/completions', init).then((answer) => answer.text())
      }
      const asked = [ask({}).catch(() => null)]
      await tight.until(({ inFlight }) => inFlight === 1)
      asked.push(
        ask({}).catch(() => null),
        ask({ 'x-hearth-priority': 'batch' }).catch(() => null),
      )
      const place = page.getByRole('list', { name: 'Places' }).getByRole('listitem').filter({ hasText: 'narrow-gpu' })
      await place.getByText('1 of 1 places taken').waitFor(visible)
      await place.getByText(/^2 waiting · 1 of them can wait · the longest for/).waitFor(visible)
      await place.getByText('shared by tight').waitFor(visible)
      control.abort()
      await Promise.all(asked)
      await place.getByText('0 of 1 places taken').waitFor(visible)
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
