import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type GatewayHouse, startGatewayHouse } from '../env/gateway-house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { until } from '../env/until.ts'

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
const testMs = 90_000
const visible = { timeout: 15_000 }

if (chromiumPath === null)
  describe.skip('the page in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('the page in a real browser', pageTests)

function pageTests(): void {
  let both: GatewayHouse
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    both = await startGatewayHouse({ env: { HEARTH_PORT: String(freePort()) } })
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
  })

  const signIn = async (on: Page = page) => {
    await on.goto(both.house.url)
    await on.getByLabel('Your key').fill(both.house.adminKey)
    await on.getByRole('button', { name: 'Sign in', exact: true }).click()
    await on.getByRole('heading', { name: 'Models', level: 1 }).waitFor(visible)
  }
  const openChat = async (model: string, on: Page = page) => {
    await on.goto(`${both.house.url}/#/chat/${model}`)
    await on.getByLabel('Model').waitFor(visible)
    await until('the model is chosen', async () => (await on.getByLabel('Model').inputValue()) === model)
  }
  const ask = async (text: string, on: Page = page) => {
    await on.getByLabel('Your message').fill(text)
    await on.getByRole('button', { name: 'Send' }).click()
  }

  test(
    'a one-time link signs in, leaves the address bar, and works once',
    async () => {
      const made = await both.house.ask('/api/tickets', { method: 'POST' })
      const { ticket } = (await made.json()) as { ticket: string }
      await page.goto(`${both.house.url}/#ticket=${ticket}`)
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor(visible)
      expect(page.url()).not.toContain(ticket)
      expect(await page.evaluate('history.length + JSON.stringify(history.state)')).not.toContain(ticket)
      await page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor(visible)
      await browser.context.clearCookies()
      await page.goto('about:blank')
      await page.goto(`${both.house.url}/#ticket=${ticket}`)
      await page.getByText('already used').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'a test model is loaded by a button, says what it is, and streams an answer',
    async () => {
      await signIn()
      await page.getByText('nonsense').first().waitFor(visible)
      await page.getByRole('button', { name: 'Load hearth/smoke', exact: true }).click()
      await page.getByText('Ready since').first().waitFor({ timeout: 60_000 })
      await openChat('hearth/smoke')
      await ask('Tell me about fire.')
      await page.getByRole('button', { name: 'Send' }).waitFor({ timeout: 60_000 })
      await page.getByText(/first word after/).waitFor(visible)
      await page.goto(`${both.house.url}/#/models`)
      await page.getByRole('button', { name: 'Unload hearth/smoke', exact: true }).click()
      await page.getByRole('button', { name: 'Load hearth/smoke', exact: true }).waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'stopping an answer reaches the upstream, and a broken answer is called broken',
    async () => {
      await signIn()
      await openChat('fake/echo')
      both.upstream.play({ tokens: 10_000, tokenMs: 20 })
      const before = both.upstream.aborts
      await ask('Go on for long.')
      await page.getByRole('button', { name: 'Stop' }).click()
      await page.getByText('You stopped the answer here.').waitFor(visible)
      await both.upstream.until(({ aborts }) => aborts > before)
      both.upstream.play({ mode: 'cut', tokens: 40 })
      await ask('Break.')
      await page.getByText('The answer broke off here').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'a key is made, shown once, works, and is refused after it was revoked',
    async () => {
      await signIn()
      await page.getByRole('link', { name: 'Keys', exact: true }).click()
      await page.getByRole('button', { name: 'Make a key' }).click()
      await page.getByLabel('Name').fill('Kitchen <b>tablet</b>')
      await page.getByRole('button', { name: 'Make the key' }).click()
      await page.getByText('It is shown this once').waitFor(visible)
      const key = /hk-[a-z0-9]{12}-[0-9a-f]{48}/.exec(await page.getByRole('dialog').innerText())?.[0] ?? ''
      const models = () => fetch(`${both.house.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })
      expect((await models()).status).toBe(200)
      await page.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByRole('heading', { name: 'Kitchen <b>tablet</b>' }).waitFor(visible)
      expect(await page.content()).not.toContain(key)
      const actions = page.getByRole('group', { name: 'Actions for Kitchen <b>tablet</b>' })
      await actions.getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('cut off at once').waitFor(visible)
      await page.getByRole('button', { name: 'Revoke the key' }).click()
      await actions.waitFor({ ...visible, state: 'detached' })
      expect((await models()).status).toBe(401)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'a key is given its turns in line, and what is wrong in the form is gone to',
    async () => {
      await signIn()
      await page.getByRole('link', { name: 'Keys', exact: true }).click()
      await page.getByRole('button', { name: 'Make a key' }).click()
      await page.getByLabel('Its work can wait').check()
      await page.getByLabel('Turns in line').fill('3')
      await page.getByRole('button', { name: 'Make the key' }).click()
      await page.getByText('Give it a name').waitFor(visible)
      await until('the name has the focus', async () => await page.locator('input:focus').isVisible())
      await page.keyboard.type('Night report')
      expect(await page.getByLabel('Name').inputValue()).toBe('Night report')
      await page.getByLabel('Turns in line').fill('101')
      await page.keyboard.press('Enter')
      await page.getByText('A whole number from 1 to 100, or nothing.').waitFor(visible)
      await page.getByLabel('Turns in line').fill('3')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByText('3 turns where others have one, after those who wait for an answer').waitFor(visible)
      const { data } = await both.house.get<{ readonly data: readonly { readonly name: string }[] }>('/api/keys')
      expect(data.find(({ name }) => name === 'Night report')).toMatchObject({
        limits: { requestsPerMinute: null, weight: 3, priority: 'batch' },
      })
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'seven open pages share one connection, and an eighth still chats',
    async () => {
      await signIn()
      const others = await Promise.all(Array.from({ length: 6 }, () => browser.context.newPage()))
      for (const other of others) {
        await other.goto(both.house.url)
        await other.getByText('Live', { exact: true }).filter({ visible: true }).waitFor(visible)
      }
      both.upstream.play({ tokens: 200, tokenMs: 20 })
      await openChat('fake/echo')
      await ask('Say something.')
      const made = await both.house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'Seen by all' }) })
      expect(made.status).toBe(201)
      for (const other of others) {
        await other.goto(`${both.house.url}/#/keys`)
        await other.getByText('Seen by all').first().waitFor(visible)
      }
      await page.getByText(/tokens\/s/).waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'a restart of the house is told, and the page recovers without being loaded again',
    async () => {
      await signIn()
      await page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor(visible)
      await page.evaluate('window.isSamePage = true')
      await both.house.restart()
      await page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor({ timeout: 30_000 })
      const made = await both.house.ask('/api/keys', {
        method: 'POST',
        body: JSON.stringify({ name: 'After the restart' }),
      })
      expect(made.status).toBe(201)
      await page.getByRole('link', { name: 'Keys', exact: true }).click()
      await page.getByText('After the restart').waitFor(visible)
      expect(await page.evaluate('window.isSamePage')).toBe(true)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'signing out in one page signs out the others',
    async () => {
      await signIn()
      const other = await browser.context.newPage()
      await other.goto(both.house.url)
      await other.getByText('Live', { exact: true }).filter({ visible: true }).waitFor(visible)
      await page.getByRole('button', { name: /Signed in as/ }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out.').waitFor(visible)
      await other.getByLabel('Your key').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'on a phone every tab fits, and everything is reached by the keyboard',
    async () => {
      await page.setViewportSize(phone)
      await page.goto(both.house.url)
      await page.getByLabel('Your key').focus()
      await page.keyboard.type(both.house.adminKey)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor(visible)
      for (const name of ['Chat', 'Keys', 'Models']) {
        await page.getByRole('link', { name, exact: true }).focus()
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name, level: 1 }).waitFor({ ...visible, state: 'attached' })
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
        expect(await page.evaluate(smallTargets)).toEqual([])
      }
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )
}

/** Names of what can be pressed and is smaller than 44 px; a box of a form counts with its label. */
const smallTargets = `[...document.querySelectorAll('button, select, nav a, input, textarea, summary')]
  .map((element) => element.closest('label') ?? element)
  .filter((element) => element.checkVisibility())
  .filter((element) => { const box = element.getBoundingClientRect(); return box.width < 44 || box.height < 44 })
  .map((element) => element.outerHTML.slice(0, 120))`

/** A restart must find its pages again, so the house gets a port that stays. */
function freePort(): number {
  const probe = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const { port } = probe
  void probe.stop(true)
  return port ?? 0
}
