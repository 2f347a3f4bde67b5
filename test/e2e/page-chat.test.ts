import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type GatewayHouse, startGatewayHouse } from '../env/gateway-house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { desk, faultsOfLayout, openChat, pageTestMs, phone, say, signIn, visible } from '../env/page-visit.ts'
import { until } from '../env/until.ts'
import { startScriptedChat } from '../fakes/scripted-chat.ts'
import { type ModelUpstream, startModelUpstream } from '../fakes/model-upstream/start.ts'
import type { ScriptedUpstream } from '../fakes/scripted-turn.ts'

if (chromiumPath === null)
  describe.skip('the chat in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('the chat in a real browser', chatTests)

function chatTests(): void {
  let both: GatewayHouse
  let scripted: ScriptedUpstream
  let narrow: ModelUpstream
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    scripted = startScriptedChat({ command: 'uptime' })
    narrow = startModelUpstream({ api: 'chat', models: ['played'] })
    const second = `  - name: scripted
    kind: openai
    baseUrl: ${scripted.url}
    apiKey: ${scripted.key}
    models: [scripted]
  - name: narrow
    kind: openai
    baseUrl: ${narrow.url}
    apiKey: ${narrow.key}
    models: [played]
    context: { "*": 400 }
routes:
  - model: whoever-can
    targets: [{ upstream: scripted, model: scripted }, { upstream: narrow, model: played }]
`
    both = await startGatewayHouse({ config: second })
    browser = await startPageBrowser({ viewport: desk })
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await both?.[Symbol.asyncDispose]()
    await scripted?.[Symbol.asyncDispose]()
    await narrow?.[Symbol.asyncDispose]()
  }, 60_000)
  beforeEach(async () => {
    both.upstream.play({})
    both.upstream.forget()
    await browser.context.clearCookies()
    for (const open of browser.context.pages()) await open.close()
    page = await browser.context.newPage()
    await page.setViewportSize(desk)
    await signIn(page, both.house)
  })
  const answered = () => page.getByRole('button', { name: 'Send' }).waitFor(visible)
  const chats = () => both.upstream.requests.filter(({ path }) => path === '/v1/chat/completions')

  test(
    'an answer streams, is stopped, asked for again, and leads to its request',
    async () => {
      await openChat(page, both.house, 'fake/echo')
      both.upstream.play({ tokens: 10_000, tokenMs: 10 })
      await say(page, 'Go on for long.')
      await page.getByText('w3 w4').waitFor(visible)
      const place = async () => (await page.getByRole('button', { name: 'Stop' }).boundingBox())?.y
      const before = await place()
      await page.getByText('w40 w41').waitFor(visible)
      expect(await place()).toBe(before)
      const { aborts } = both.upstream
      await page.getByRole('button', { name: 'Stop' }).click()
      await page.getByText('You stopped the answer here.').waitFor(visible)
      await both.upstream.until((upstream) => upstream.aborts > aborts)
      both.upstream.play({ tokens: 4 })
      await say(page, 'Once more.')
      await page.getByText('4 tokens ·').waitFor(visible)
      await page.getByRole('button', { name: 'Ask again' }).click()
      await answered()
      await until('it was asked three times', () => chats().length === 3)
      await page.getByRole('link', { name: 'Its request' }).last().click()
      await page.getByRole('heading', { name: 'A request' }).waitFor(visible)
      await page.getByText('fake · echo').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a turn is said otherwise, and taken back',
    async () => {
      await openChat(page, both.house, 'fake/echo')
      await say(page, 'First.')
      await answered()
      await say(page, 'Second.')
      await answered()
      await page.getByRole('button', { name: 'Edit' }).first().click()
      await page.getByLabel('The message, said otherwise').fill('Instead.')
      await page.getByRole('button', { name: 'Ask this instead' }).click()
      await answered()
      await until('it was asked three times', () => chats().length === 3)
      expect(chats().at(-1)?.body['messages']).toEqual([{ role: 'user', content: 'Instead.' }])
      await page.getByText('Second.').waitFor({ ...visible, state: 'detached' })
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('Second.').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'two models answer the same question side by side, each with times of its own',
    async () => {
      await openChat(page, both.house, 'fake/echo')
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.getByLabel('Beside it').selectOption('fake/big/echo')
      both.upstream.play({ tokens: 60, tokenMs: 10 })
      await say(page, 'Who are you?')
      await both.upstream.until(({ inFlight }) => inFlight === 2)
      await answered()
      expect(await page.getByText(/first word after/).count()).toBe(2)
      expect(
        chats()
          .map(({ body }) => String(body['model']))
          .toSorted(),
      ).toEqual(['big/echo', 'echo'])
      const [left, right] = await Promise.all(
        ['fake/echo', 'fake/big/echo'].map((name) => page.getByRole('region', { name, exact: true }).boundingBox()),
      )
      expect(right?.x).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0))
      await page.setViewportSize(phone)
      expect(await faultsOfLayout(page)).toEqual([])
      await page.getByRole('button', { name: 'Stop comparing' }).click()
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a model calls a tool, somebody answers for it, and the model goes on',
    async () => {
      await openChat(page, both.house, 'scripted/scripted')
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByLabel(/^Tools/).fill('{"name": "Bash", "parameters": {"type": "object"}')
      await page.getByText('This is not JSON yet').waitFor(visible)
      await page.getByLabel(/^Tools/).fill('{"name": "Bash", "parameters": {"type": "object"}}')
      await page.getByText('1 tool', { exact: true }).waitFor(visible)
      await page.keyboard.press('Escape')
      await say(page, 'How long has it been up?')
      await page.getByText('It calls Bash').waitFor(visible)
      await page.getByText('"command": "uptime"').waitFor(visible)
      await page.getByLabel('What Bash answers').fill('up 12 days')
      await page.getByRole('button', { name: 'Go on with this' }).click()
      await page.getByText('It says: up 12 days', { exact: true }).waitFor(visible)
      expect(scripted.refusals).toEqual([])
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a context that fills is told in time, and a summary takes the place of the older part, which can be had back',
    async () => {
      const warning = page.getByText('The conversation fills most of what the model can take in.')
      const meter = page.getByRole('meter', { name: 'Tokens in use' })
      await openChat(page, both.house, 'fake/echo')
      await page.getByText('the model’s limit is unknown').waitFor(visible)
      await openChat(page, both.house, 'whoever-can')
      expect(await meter.getAttribute('aria-valuemax')).toBe('400')
      await openChat(page, both.house, 'narrow/played')
      await say(page, 'a '.repeat(260))
      await answered()
      await until('it is counted', async () => Number(await meter.getAttribute('aria-valuenow')) === 270)
      expect(await warning.count()).toBe(0)
      await say(page, 'b '.repeat(20))
      await answered()
      await warning.waitFor(visible)
      expect(await page.getByRole('button', { name: 'Summarise the older part' }).count()).toBe(0)
      await say(page, 'Once more.')
      await answered()
      await page.getByRole('button', { name: 'Summarise the older part' }).click()
      await page.getByText('A summary stands for 2 older turns').waitFor(visible)
      await warning.waitFor({ ...visible, state: 'detached' })
      await page.setViewportSize(phone)
      expect(await faultsOfLayout(page)).toEqual([])
      await say(page, 'And now?')
      await answered()
      const heard = narrow.requests.at(-1)?.body['messages']
      expect(heard).toEqual([
        { role: 'system', content: expect.stringContaining('Hello there') },
        { role: 'user', content: 'b '.repeat(20).trim() },
        { role: 'assistant', content: 'Hello there' },
        { role: 'user', content: 'Once more.' },
        { role: 'assistant', content: 'Hello there' },
        { role: 'user', content: 'And now?' },
      ])
      await page.getByRole('button', { name: 'Bring them back' }).click()
      await page.getByText('a a a a').waitFor(visible)
      expect(await page.getByText('A summary stands for').count()).toBe(0)
      expect(narrow.refusals).toEqual([])
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'parameters and pictures are sent, and the same request is copied for a terminal without a key',
    async () => {
      await openChat(page, both.house, 'fake/echo')
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByLabel('System prompt').fill('Be brief.')
      await page.getByLabel('Temperature').fill('0.2')
      await page.getByLabel('Longest answer').fill('9')
      await page.getByLabel('Seed').fill('7')
      await page.getByLabel('Ends at').fill('END')
      await page.getByLabel('Reasoning effort').selectOption('low')
      await page.getByLabel('Form of the answer').selectOption('json_object')
      await page.keyboard.press('Escape')
      await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: dot })
      await page.getByAltText('Attached picture 1').waitFor(visible)
      await say(page, 'What is this?')
      await answered()
      const body = chats().at(-1)?.body
      expect(body).toMatchObject({
        temperature: 0.2,
        max_tokens: 9,
        seed: 7,
        stop: ['END'],
        reasoning_effort: 'low',
        response_format: { type: 'json_object' },
      })
      const url = `data:image/png;base64,${dot.toString('base64')}`
      expect(body?.['messages']).toEqual([
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ])
      await page.getByRole('button', { name: 'Copy as curl' }).click()
      await page.getByText('Copied', { exact: true }).waitFor({ ...visible, state: 'attached' })
      const command = String(await page.evaluate('navigator.clipboard.readText()'))
      expect(command).toContain('Bearer $HEARTH_API_KEY')
      expect(command).not.toContain('hk-')
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'pictures are pasted and dropped, large ones made smaller, and what is none is refused in words',
    async () => {
      await openChat(page, both.house, 'fake/echo')
      await page.evaluate(`(${handOver})('paste', 3000, 1500)`)
      await page.getByAltText('Attached picture 1').waitFor(visible)
      await page.evaluate(`(${handOver})('drop', 40, 30)`)
      await page.getByAltText('Attached picture 2').waitFor(visible)
      const sizes = `[...document.querySelectorAll('form img')].map((image) => [image.naturalWidth, image.naturalHeight])`
      expect(await page.evaluate(sizes)).toEqual([
        [2048, 1024],
        [40, 30],
      ])
      await page.evaluate(`(${handOver})('drop', 0, 0)`)
      await page.getByText('broken.png could not be read as a picture.').waitFor(visible)
      await page.getByRole('button', { name: 'Remove picture 1' }).click()
      await say(page, 'What is this?')
      await answered()
      const last = chats().at(-1)?.body['messages'] as { readonly content: readonly unknown[] }[] | undefined
      const message = last?.[0]
      expect(message?.content).toEqual([
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) } },
      ])
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a picture is refused in words for a model that cannot see',
    async () => {
      await openChat(page, both.house, 'hearth/smoke')
      await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: dot })
      await page.getByText('hearth/smoke cannot read pictures').waitFor(visible)
      expect(await page.getByAltText('Attached picture 1').count()).toBe(0)
    },
    pageTestMs,
  )
}

/** Hands a picture of a size over to the message, as a browser does; without a size, one that cannot be read. */
const handOver = `async (how, width, height) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const drawn = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  const file = new File([drawn ?? 'nothing'], drawn ? 'a.png' : 'broken.png', { type: 'image/png' })
  const transfer = new DataTransfer()
  transfer.items.add(file)
  const options = { bubbles: true, cancelable: true, clipboardData: transfer, dataTransfer: transfer }
  const event = how === 'paste' ? new ClipboardEvent('paste', options) : new DragEvent('drop', options)
  document.querySelector('form textarea').dispatchEvent(event)
}`

/** A picture of eight by eight dots. */
const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mN4lCaFFTEMLQkAxsZYgTTC8dEAAAAASUVORK5CYII=',
  'base64',
)
