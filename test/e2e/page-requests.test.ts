import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { chatBody, type GatewayHouse, requestRows, startGatewayHouse } from '../env/gateway-house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { desk, faultsOfLayout, openTab, pageTestMs, phone, signIn, visible } from '../env/page-visit.ts'

if (chromiumPath === null)
  describe.skip('the requests in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('the requests in a real browser', requestTests)

/** More than one page of the list. */
const many = 130

function requestTests(): void {
  let both: GatewayHouse
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    both = await startGatewayHouse({
      config: `  - name: cellar
    kind: openai
    baseUrl: http://127.0.0.1:${closedPort()}/v1
    models: [echo]
routes:
  - model: either
    targets: [{ upstream: cellar, model: echo }, { upstream: fake, model: echo }]
`,
    })
    browser = await startPageBrowser({ viewport: desk })
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await both?.[Symbol.asyncDispose]()
  }, 60_000)
  beforeEach(async () => {
    both.upstream.play({})
    await browser.context.clearCookies()
    for (const open of browser.context.pages()) await open.close()
    page = await browser.context.newPage()
    await page.setViewportSize(desk)
    await signIn(page, both.house)
  })
  const ask = async (more: Readonly<Record<string, unknown>> = {}) => {
    const answer = await both.house.ask('/v1/chat/completions', { method: 'POST', body: chatBody(more) })
    await answer.text()
    return answer.headers.get('x-request-id') ?? ''
  }
  const rows = () => page.getByRole('list', { name: 'Requests' }).getByRole('listitem')

  test(
    'a request appears when it ends, and shows where its time went and who failed before',
    async () => {
      await openTab(page, 'Requests')
      await page.getByText('No request yet').waitFor(visible)
      both.upstream.play({ tokens: 20, tokenMs: 5, firstByteMs: 30 })
      const id = await ask({ model: 'either', stream: true })
      await page.locator(`a[href*="${id}"]`).click()
      await page.getByRole('heading', { name: 'A request' }).waitFor(visible)
      const dialog = page.getByRole('dialog')
      await dialog.getByText('cellar/echo').waitFor(visible)
      await dialog.getByText('came to nothing: The upstream could not be reached.').waitFor(visible)
      await dialog.getByText('fake/echo').waitFor(visible)
      await dialog.getByText('Until the head of the answer').waitFor(visible)
      await dialog.getByText('Tokens', { exact: true }).first().waitFor(visible)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ ...visible, state: 'detached' })
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'the list is filtered in the address, held while paused, and read on page by page',
    async () => {
      for (let n = 0; n < many; n += 10) await Promise.all(Array.from({ length: 10 }, () => ask()))
      await ask({ model: 'nobody/here' })
      const total = (await requestRows(both.house)).length
      await openTab(page, 'Requests')
      await rows().first().waitFor(visible)
      expect(await rows().count()).toBe(100)
      await page.getByRole('button', { name: 'Older' }).click()
      await page.getByText(`That is all of it: ${total}.`).waitFor(visible)
      await page.getByText('Filter', { exact: true }).click()
      await page.getByLabel('Ended').selectOption('failed')
      await page.waitForURL(/outcome=failed/)
      await page.getByText('nobody/here').first().waitFor(visible)
      expect(await rows().count()).toBe(1)
      await page.getByLabel('Text in the model').fill('NOBODY/')
      await page.waitForURL(/text=NOBODY/)
      await page.getByText('nobody/here').first().waitFor(visible)
      await page.reload()
      await page.getByText('nobody/here').first().waitFor(visible)
      expect(await rows().count()).toBe(1)
      await page.getByRole('button', { name: 'Pause' }).click()
      await ask({ model: 'nobody/there' })
      await page.getByRole('button', { name: '1 new request' }).waitFor(visible)
      expect(await rows().count()).toBe(1)
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByText('nobody/there').first().waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'on a phone list and request fit, and a row is opened and closed by the keyboard',
    async () => {
      const id = await ask()
      await page.setViewportSize(phone)
      await openTab(page, 'Requests')
      const row = page.locator(`a[href*="${id}"]`)
      await row.focus()
      expect(await faultsOfLayout(page)).toEqual([])
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'A request' }).waitFor(visible)
      expect(await faultsOfLayout(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ ...visible, state: 'detached' })
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )
}

/** Nobody listens there. */
function closedPort(): number {
  const probe = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const { port } = probe
  void probe.stop(true)
  return port ?? 0
}
