/** The tab of the catalogue in a real browser, over a real house with the whole catalogue. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { parse, stringify } from 'yaml'
import type { CataloguePage, CatalogueSource } from '../../sdk/typescript/index.ts'
import { startHouse, type House } from '../env/house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { desk, faultsOfLayout, openTab, pageTestMs, phone, signIn, visible } from '../env/page-visit.ts'
import { until } from '../env/until.ts'

if (chromiumPath === null)
  describe.skip('the catalogue in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('the catalogue in a real browser', catalogueTests)

const groqModel = 'groq/llama-3.3-70b-versatile'
const keys: Readonly<Record<string, readonly string[]>> = {
  'Bearer deepseek-key': ['deepseek-chat'],
  'Bearer groq-key': ['llama-3.3-70b-versatile'],
}

interface Upstream {
  readonly provider: string
  readonly [member: string]: unknown
}

/** As models.dev tells it: one provider with one model at another price. */
const document = (input: number) =>
  JSON.stringify({
    deepseek: {
      id: 'deepseek',
      name: 'DeepSeek',
      npm: '@ai-sdk/openai-compatible',
      api: 'https://api.deepseek.com',
      env: ['DEEPSEEK_API_KEY'],
      models: { 'deepseek-chat': { id: 'deepseek-chat', name: 'Chat', cost: { input, output: 8 } } },
    },
  })

function catalogueTests(): void {
  let house: House
  let vendors: ReturnType<typeof Bun.serve>
  let browser: PageBrowser
  let page: Page

  /** The vendors live on this machine here: what leads there is added to what the page says. */
  const here = (upstream: Upstream): Upstream => ({
    ...upstream,
    baseUrl: `http://127.0.0.1:${vendors.port}/v1`,
    locality: 'lan',
  })
  const config = (...upstreams: readonly Upstream[]): string => stringify({ upstreams: upstreams.map(here) })
  const deepseek: Upstream = { provider: 'deepseek', apiKey: 'deepseek-key' }
  const keyless: Upstream = { provider: 'mistral', name: 'no-key' }

  beforeAll(async () => {
    vendors = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request) {
        if (request.url.endsWith('/catalogue.json')) return new Response(document(9))
        const listed = keys[request.headers.get('authorization') ?? '']
        if (listed === undefined) return new Response('', { status: 401 })
        return Response.json({ object: 'list', data: listed.map((id) => ({ id, object: 'model' })) })
      },
    })
    house = await startHouse({ config: config(deepseek, keyless), env: { GROQ_API_KEY: 'groq-key' } })
    browser = await startPageBrowser({ viewport: desk })
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await house?.[Symbol.asyncDispose]()
    await vendors?.stop(true)
  }, 60_000)
  beforeEach(async () => {
    await browser.context.clearCookies()
    for (const open of browser.context.pages()) await open.close()
    page = await browser.context.newPage()
    await page.setViewportSize(desk)
    await signIn(page, house)
    await openTab(page, 'Catalogue')
  })
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const models = () => page.getByRole('list', { name: 'Models' }).getByRole('listitem')
  const part = async (name: string) => {
    await page.getByRole('navigation', { name: 'Parts of the catalogue' }).getByRole('link', { name }).click()
  }
  const provider = (name: string) =>
    page
      .getByRole('list', { name: 'Providers' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name, exact: true, level: 3 }) })

  test(
    'thousands of models come by pages, and only what was asked for is there',
    async () => {
      const { total } = await house.get<CataloguePage>('/api/catalogue?limit=1')
      expect(total).toBeGreaterThan(4000)
      await page.getByText(`${total.toLocaleString('en')} models`).waitFor(visible)
      expect(await models().count()).toBe(60)
      await button('Show 60 more').click()
      await until('the second page is there', async () => (await models().count()) === 120)
      const names = await models().locator('a').allTextContents()
      expect(new Set(names).size).toBe(120)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'what is searched for stands in the address, and comes back from it',
    async () => {
      await page.getByLabel('Find a model').fill('llama 70b')
      await page.getByText('More filters').click()
      await page.getByLabel('Provider', { exact: true }).selectOption('groq')
      await page.getByLabel('call tools').check()
      await page.getByLabel('Answers cost at most').selectOption('1')
      await page.getByLabel('Context of at least').selectOption('32000')
      await until('one is left', async () => (await models().count()) === 1)
      await models().filter({ hasText: groqModel }).getByText('Not set up').waitFor(visible)
      const query = 'text=llama+70b&provider=groq&tools=true&minContext=32000&maxOutputPrice=1'
      expect(page.url()).toEndWith(`#/catalogue?${query}`)
      await page.reload()
      await until('one is left again', async () => (await models().count()) === 1)
      await page.getByText('More filters (4 set)').waitFor(visible)
      expect(await page.getByLabel('Find a model').inputValue()).toBe('llama 70b')
      await page.getByLabel('Takes in').selectOption('video')
      await page.getByText('No model is like that.').waitFor(visible)
      await button('Show all').first().click()
      await until('all are there again', async () => (await models().count()) === 60)
      expect(page.url()).toEndWith('#/catalogue')
    },
    pageTestMs,
  )

  test(
    'what can be used now is told with the name to ask for',
    async () => {
      await page.getByLabel('Usable here').selectOption('true')
      await until('one is usable', async () => (await models().count()) === 1)
      await models().getByRole('link').press('Enter')
      const shown = page.getByRole('dialog')
      await shown.getByText('The upstream deepseek answers for it.').waitFor(visible)
      await shown.getByRole('button', { name: 'Copy deepseek/deepseek-chat' }).click()
      await shown.getByRole('button', { name: 'Copied' }).waitFor(visible)
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('deepseek/deepseek-chat')
      await page.keyboard.press('Escape')
      await shown.waitFor({ ...visible, state: 'detached' })
      expect(page.url()).toEndWith('#/catalogue?usable=true')
      expect(await page.evaluate('document.activeElement.getAttribute("href")')).toContain('model/deepseek')
    },
    pageTestMs,
  )

  test(
    'what the page says to write makes a model usable, and the page tells it by itself',
    async () => {
      await page.goto(`${house.url}/#/catalogue/model/${groqModel}`)
      const shown = page.getByRole('dialog')
      await shown.getByText('Not set up').waitFor(visible)
      await shown.getByText('The key itself stands in GROQ_API_KEY').waitFor(visible)
      await shown.getByText(`The model is then ${groqModel}.`).waitFor(visible)
      await button('Copy what to write').click()
      await button('Copied').waitFor(visible)
      const written = parse(String(await page.evaluate('navigator.clipboard.readText()'))) as { upstreams: Upstream[] }
      expect(written).toEqual({ upstreams: [{ provider: 'groq', apiKey: '${GROQ_API_KEY}' }] })
      await writeFile(join(house.home, 'hearth.yaml'), config(deepseek, keyless, ...written.upstreams))
      await shown.getByText('The upstream groq answers for it.').waitFor(visible)
      await shown.getByRole('link', { name: 'Talk to it' }).click()
      const picker = page.getByLabel('Model')
      await until('it is the one that is talked to', async () => (await picker.inputValue()) === groqModel)
    },
    pageTestMs,
  )

  test(
    'providers tell whose key is missing, who could be set up, and who cannot be reached',
    async () => {
      await part('Providers')
      const first = page.getByRole('list', { name: 'Providers' }).getByRole('listitem').first()
      await first.getByText('Key missing: no-key').waitFor(visible)
      await first.getByText('How to set it up').click()
      await first.getByText('In hearth.yaml, in the entry of no-key:').waitFor(visible)
      await first.getByText('apiKey: "${MISTRAL_API_KEY}"').waitFor(visible)
      await provider('DeepSeek').getByText('Set up as deepseek').waitFor(visible)
      await page.getByLabel('Find a provider').fill('bedrock')
      await provider('Amazon Bedrock').getByText('Cannot be reached').waitFor(visible)
      await page.getByLabel('Find a provider').fill('')
      await page.getByLabel('Which').selectOption('keyless')
      await page.getByText('1 provider', { exact: true }).waitFor(visible)
      await page.getByRole('link', { name: /^Models of Mistral/ }).click()
      await models().first().getByText('Key missing').waitFor(visible)
      expect(page.url()).toEndWith('#/catalogue?provider=mistral')
    },
    pageTestMs,
  )

  test(
    'another catalogue is shown before it is taken, and can be left and taken back',
    async () => {
      await writeFile(join(house.home, 'hearth.yaml'), config(deepseek))
      await until(
        'nobody else is set up',
        async () => !(await (await house.ask('/v1/models')).text()).includes('groq/'),
      )
      const source = async () => (await house.get<CataloguePage>('/api/catalogue?limit=1')).catalogue
      const before: CatalogueSource = await source()
      await part('Renew')
      await page.getByText('came with Hearth', { exact: true }).waitFor(visible)
      await page.getByLabel('Address', { exact: true }).fill(`http://127.0.0.1:${vendors.port}/catalogue.json`)
      await button('Show what would change').click()
      const plan = page.getByRole('dialog', { name: 'Take this catalogue?' })
      await plan.getByText('deepseek/deepseek-chat', { exact: true }).first().waitFor(visible)
      await plan.getByText('$9.00 in, $8.00 out').waitFor(visible)
      await plan.getByText(/^Models that go \(4,/).click()
      await plan.getByRole('button', { name: 'Show 960 more' }).waitFor(visible)
      await button('Leave it as it is').click()
      expect(await source()).toEqual(before)

      await page.getByLabel('From a file').check()
      const file = { name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(document(7)) }
      await page.getByLabel('File', { exact: true }).setInputFiles(file)
      await button('Show what would change').click()
      await plan.getByText('$7.00 in, $8.00 out').waitFor(visible)
      await button('Take it').click()
      await page.getByText('In effect now: 1 models of 1 providers.').waitFor(visible)
      expect(await source()).toMatchObject({ from: 'mine.json', models: 1 })

      await button('Go back to the one that came with Hearth').click()
      await page.getByRole('dialog', { name: 'Go back?' }).getByText('mine.json').waitFor(visible)
      await button('Go back').click()
      await page.getByText('came with Hearth', { exact: true }).waitFor(visible)
      expect(await source()).toEqual(before)
    },
    pageTestMs,
  )

  test(
    'a plan that somebody else overtook is refused, and says why',
    async () => {
      await part('Renew')
      await page.getByLabel('From a text').check()
      await page.getByLabel('Text', { exact: true }).fill('{"deepseek":')
      await button('Show what would change').click()
      await page.getByText('This is no JSON.').waitFor(visible)
      await page.getByLabel('Text', { exact: true }).fill(document(7))
      await button('Show what would change').click()
      await button('Take it').waitFor(visible)
      const body = JSON.stringify({ document: JSON.parse(document(6)) as unknown })
      expect((await house.ask('/api/catalogue/plan', { method: 'POST', body })).status).toBe(200)
      await button('Take it').click()
      await page.getByText('plan again, and confirm that one').waitFor(visible)
      expect((await house.get<CataloguePage>('/api/catalogue?limit=1')).catalogue.from).toBeNull()
    },
    pageTestMs,
  )

  test(
    'a key that only uses models sees the catalogue and cannot renew it',
    async () => {
      const body = JSON.stringify({ name: 'reader', scopes: ['inference'], models: ['nothing/*'] })
      const { key } = (await (await house.ask('/api/keys', { method: 'POST', body })).json()) as { key: string }
      await browser.context.clearCookies()
      await page.goto('about:blank')
      await page.goto(`${house.url}/#/catalogue/renew`)
      await page.getByLabel('Your key').fill(key)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await models().first().waitFor(visible)
      expect(await page.getByRole('link', { name: 'Renew' }).count()).toBe(0)
      await page.goto(`${house.url}/#/catalogue/model/deepseek/deepseek-chat`)
      const shown = page.getByRole('dialog')
      await shown.getByText('Your key may not use it.').waitFor(visible)
      await shown.getByText('An administrator decides').waitFor(visible)
    },
    pageTestMs,
  )

  test(
    'on a phone all of it fits, and every tab can be reached',
    async () => {
      await page.setViewportSize(phone)
      for (const [place, told] of [
        ['', 'Prices are dollars per million tokens.'],
        ['/providers', 'Naming a provider and its key is enough'],
        ['/renew', 'came with Hearth'],
        [`/model/${groqModel}`, 'Can you use it?'],
      ] as const) {
        await page.goto(`${house.url}/#/catalogue${place}`)
        await page.getByText(told).first().waitFor(visible)
        expect([place, await faultsOfLayout(page)]).toEqual([place, []])
      }
      await page.keyboard.press('Escape')
      await page.getByRole('navigation', { name: 'Parts of the house' }).getByRole('link', { name: 'Keys' }).click()
      await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )
}
