/** The tab of privacy in a real browser, over a real house with a cloud that is held captive. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startHouse } from '../env/house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { desk, faultsOfLayout, openTab, pageTestMs, phone, signIn, visible } from '../env/page-visit.ts'
import { cloudModels, type PrivacyHouse, putLists, startPrivacyHouse } from '../env/privacy-house.ts'
import { people } from '../env/privacy-people.ts'
import { until } from '../env/until.ts'

if (chromiumPath === null)
  describe.skip('privacy in a real browser (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('privacy in a real browser', privacyTests)

const letter = `Write to ${people.alice} at ${people.aliceMail}, account ${people.iban}.`
const hidden = `And ${Buffer.from(people.bobbyMail).toString('base64')} too.`

function privacyTests(): void {
  let all: PrivacyHouse
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    all = await startPrivacyHouse({
      privacy: '  policies: [{ name: strict, names: block }]',
      cloudMembers: ', privacy: strict',
    })
    browser = await startPageBrowser({ viewport: desk })
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await all?.[Symbol.asyncDispose]()
  }, 60_000)
  beforeEach(async () => {
    all.cloud.play({})
    await putLists(all.house)
    await browser.context.clearCookies()
    for (const open of browser.context.pages()) await open.close()
    page = await browser.context.newPage()
    await page.setViewportSize(desk)
    await signIn(page, all.house)
    await openTab(page, 'Privacy')
  })
  const part = async (name: string) => {
    await page.getByRole('navigation', { name: 'Parts of privacy' }).getByRole('link', { name }).click()
  }
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const chat = async (content: string, model: string = cloudModels.claude) => {
    const body = { model, max_tokens: 50, messages: [{ role: 'user', content }] }
    const answer = await all.one.post('/v1/chat/completions', body)
    await answer.text()
    return { status: answer.status, id: answer.headers.get('x-request-id') ?? '' }
  }

  test(
    'a text is looked through, scrubbed and put back, and nothing of it stays in the browser',
    async () => {
      await page.getByLabel('A text').fill(`${letter}\n${hidden}`)
      await button('Look').click()
      await page.getByRole('heading', { name: '4 identifiers were found' }).waitFor(visible)
      const marked = page.getByRole('group', { name: 'The text, with what was found' }).locator('mark')
      expect(await marked.allInnerTexts()).toEqual(
        [people.alice, people.aliceMail, people.iban, hidden.split(' ')[1]].map((text, place) => `${text}${place + 1}`),
      )
      const found = page.getByRole('list', { name: 'What was found' }).getByRole('listitem')
      const mail = found.filter({ hasText: people.aliceMail })
      await mail.getByText('E-mail address').waitFor(visible)
      await mail.getByText('The recogniser email knows it as EMAIL').waitFor(visible)
      await found.filter({ hasText: people.alice }).getByText('certain').first().waitFor(visible)
      await found.last().getByText('base64', { exact: true }).waitFor(visible)

      await button('Scrub').click()
      const output = page.getByRole('group', { name: 'What would leave' })
      await output.waitFor(visible)
      const [token = ''] = /\[PERSON_\w+\]/.exec(await output.innerText()) ?? []
      expect(token).not.toBe('')
      for (const value of [people.alice, people.aliceMail, people.iban])
        expect(await output.innerText()).not.toContain(value)
      await page.getByLabel('What a model answered').fill(`Dear ${token}, and [EMAIL_9ZB9]`)
      await button('Put the values back').click()
      await page.getByText('1 value was put back').waitFor(visible)
      await page.getByText('Nothing is known here for [EMAIL_9ZB9].').waitFor(visible)
      const result = page.getByRole('group', { name: 'With its values' })
      expect(await result.innerText()).toBe(`Dear ${people.alice}, and [EMAIL_9ZB9]`)

      const kept = await page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])')
      for (const value of [people.alice, people.aliceMail, token]) expect(kept).not.toContain(value)
      await button('Destroy them now').click()
      await page.getByText('nobody can put these values back').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'text is kept in the house with one click, and whoever lets it out again is told what leaves',
    async () => {
      expect((await chat('Good morning')).status).toBe(200)
      await page.getByText('Names that the house does not know go out.').waitFor(visible)
      await button('Keep text in the house').click()
      await page.getByText('Text stays in the house, because no recogniser looks for names.').waitFor(visible)
      expect((await chat('Good morning')).status).toBe(403)

      await part('Policies')
      await button('Change default').click()
      await page.getByLabel('Only known names are replaced').check()
      await page.getByLabel('Pictures').selectOption('raw')
      await button('Save').click()
      const asked = page.getByRole('dialog', { name: 'Let more leave?' })
      await asked.getByText('Names of people that the house does not know leave as they are.').waitFor(visible)
      await asked.getByText('Pictures leave as they are').waitFor(visible)
      await page.keyboard.press('Escape')
      const form = page.getByRole('dialog', { name: 'Change default' })
      expect(await form.getByLabel('Pictures').inputValue()).toBe('raw')
      expect((await chat('Good morning')).status).toBe(403)
      await form.getByLabel('Pictures').selectOption('refuse')
      await button('Save').click()
      await button('Let it leave').click()
      await asked.waitFor({ ...visible, state: 'detached' })
      await page.getByText('Names that the house does not know go out.').waitFor(visible)
      expect((await chat('Good morning')).status).toBe(200)

      const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'strict' }) })
      await card.getByText('It stands in hearth.yaml and is changed there.').waitFor(visible)
      await card.getByText('For cloud', { exact: true }).waitFor(visible)
      expect(await button('Change strict').count()).toBe(0)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a policy is made, and what tightens it is saved without a question',
    async () => {
      await part('Policies')
      await button('Make a policy').click()
      await page.getByLabel('Name', { exact: true }).fill('strict')
      await page.getByLabel('How sure').fill('2')
      await button('Save').click()
      await page.getByText('There is a policy of this name.').waitFor(visible)
      await page.getByText('A number from 0 to 1').waitFor(visible)
      await page.getByLabel('Name', { exact: true }).fill('letters')
      await page.getByLabel('How sure').fill('0.4')
      await page.getByLabel('Text', { exact: true }).selectOption('refuse')
      await button('Save').click()
      await page.getByRole('heading', { name: 'letters' }).waitFor(visible)
      const { data } = await all.house.get<{ data: readonly { name: string }[] }>('/v1/privacy/policies')
      expect(data.find(({ name }) => name === 'letters')).toMatchObject({ cloud: { text: 'refuse' }, minScore: 0.4 })
    },
    pageTestMs,
  )

  test(
    'the lists are kept: one, many, found, removed and brought back',
    async () => {
      await part('Lists')
      const directory = page.getByRole('region', { name: 'Belongs to this house' })
      const entries = directory.getByRole('list', { name: 'Belongs to this house' }).getByRole('listitem')
      await directory.getByLabel('One more').fill('Zoe Quandt')
      await page.keyboard.press('Enter')
      await entries.filter({ hasText: 'Zoe Quandt' }).waitFor(visible)
      await directory.getByLabel('One more').fill('Zoe Quandt')
      await page.keyboard.press('Enter')
      await directory.getByText('It is there already.').waitFor(visible)
      await directory.getByRole('button', { name: 'Paste many' }).click()
      const lines = ['Zoe Quandt', ...Array.from({ length: 30 }, (_, n) => `Guest Number${n}`), 'xy'].join('\n')
      await directory.getByLabel('One in each line').fill(lines)
      await directory.getByText('30 new, 1 there already. 1 shorter than 3 characters').waitFor(visible)
      await directory.getByRole('button', { name: 'Add 30' }).click()
      await directory.getByText('35 entries').waitFor(visible)
      await directory.getByLabel('Find in').fill('number27')
      await until('one entry is shown', async () => (await entries.count()) === 1)
      await directory.getByRole('button', { name: 'Remove Guest Number27' }).click()
      await directory.getByText('“Guest Number27” was removed.').waitFor(visible)
      await directory.getByRole('button', { name: 'Undo' }).click()
      await entries.filter({ hasText: 'Guest Number27' }).waitFor(visible)

      const deny = page.getByRole('region', { name: 'Must never leave' })
      await deny.getByLabel('What it is').selectOption('pattern')
      await deny.getByLabel('A pattern').fill('INV-(')
      await page.keyboard.press('Enter')
      await deny.locator('[aria-invalid=true]').waitFor(visible)
      await deny.getByLabel('A pattern').fill('INV-\\d{6}')
      await page.keyboard.press('Enter')
      await deny.getByRole('listitem').filter({ hasText: 'INV-\\d{6}' }).waitFor(visible)

      await chat('Zoe Quandt sent INV-004711 today')
      expect(all.cloud.captured.leaks(['Zoe Quandt', 'INV-004711'])).toEqual([])
      expect(page.url()).not.toContain('Number27')
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'what left is told with counts, reasons and filters, and leads to its request',
    async () => {
      const { id } = await chat(letter)
      const salt = 'Nobody is meant by this'
      await chat(salt, cloudModels.vendor)
      await part('What left')
      const rows = page.getByRole('list', { name: 'What left the house' }).locator('> li')
      await rows.first().getByText('The policy wants a recogniser of names, and none is configured.').waitFor(visible)
      const sent = rows.filter({ has: page.locator(`a[href*="${id}"]`) })
      await sent.getByText('IBAN: 1').waitFor(visible)
      await page.getByLabel('What became of it').selectOption('refused')
      await page.waitForURL(/verdict=refused/)
      await until('only refused ones', async () => (await rows.filter({ hasText: 'Sent' }).count()) === 0)
      await page.getByLabel('To', { exact: true }).selectOption('claude')
      await page.waitForURL(/destination=claude/)
      await page.getByLabel('What became of it').selectOption('')
      await sent.getByRole('link', { name: 'Its request' }).click()
      const dialog = page.getByRole('dialog', { name: 'A request' })
      await dialog.getByRole('heading', { name: 'What was hidden' }).waitFor(visible)
      await dialog.getByText('E-mail address: 1').waitFor(visible)
      await dialog.getByText('Of names only those were looked for that the house knows.').waitFor(visible)
      await page.goBack()
      await sent.waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a scope is destroyed after a question, and its values are gone',
    async () => {
      const made = await all.house.ask('/v1/privacy/scrub', { method: 'POST', body: JSON.stringify({ text: letter }) })
      const { handle, scope } = (await made.json()) as { readonly handle: string; readonly scope: string }
      await part('Scopes')
      const row = page.getByRole('listitem').filter({ hasText: scope })
      await row.getByText('3 values').waitFor(visible)
      await button(`Destroy ${scope}`).click()
      await page.getByText('This cannot be undone.').waitFor(visible)
      await button('Cancel').click()
      await row.waitFor(visible)
      await button(`Destroy ${scope}`).focus()
      await page.keyboard.press('Enter')
      await button('Destroy its values').click()
      await row.waitFor({ ...visible, state: 'detached' })
      const body = JSON.stringify({ handle, text: 'x' })
      const gone = await all.house.ask('/v1/privacy/rehydrate', { method: 'POST', body })
      expect(gone.status).toBe(404)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'the leak test shows how far it is, outlives a look at another part, and is run again with its seed',
    async () => {
      await part('Leak test')
      await page.getByLabel('How many cases').fill('0')
      await button('Run the test').click()
      await page.getByText('A whole number from 1 to 10000.').waitFor(visible)
      await page.getByLabel('How many cases').fill('200')
      await page.getByLabel('Seed').fill('7')
      await button('Run the test').click()
      await page.getByRole('progressbar', { name: 'Cases that are through' }).waitFor(visible)
      await page.getByText(/^\d+ of 200 cases$/).waitFor(visible)
      await part('Scopes')
      await part('Leak test')
      const report = page.getByRole('article', { name: 'Leak test' })
      await report.getByText('Passed: nothing that is claimed to be found got out.').waitFor({ timeout: 60_000 })
      expect(await report.locator('dd').first().innerText()).toBe('7')
      await report.getByText('By way of writing').click()
      await report.getByText('zero-width').first().waitFor(visible)
      await page.getByLabel('Seed').fill('')
      await button('Run it again with this seed').click()
      await report.waitFor({ ...visible, state: 'detached' })
      await report.waitFor({ timeout: 60_000 })
      expect(await report.locator('dd').first().innerText()).toBe('7')
      expect(await page.getByLabel('Seed').inputValue()).toBe('7')
      await page.getByLabel('How many cases').fill('5000')
      await button('Run the test').click()
      await button('Stop').click()
      await page.getByText('Stopped: there is no report.').waitFor(visible)
      await page.getByLabel('How many cases').fill('10')
      await until('the house has stopped it too', async () => {
        await button('Run the test').click()
        await report.or(page.getByText('A leak test is running')).first().waitFor({ timeout: 30_000 })
        return await report.isVisible()
      })
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a key that may only use models sees its own, and changes nothing',
    async () => {
      await chat(letter)
      await chat(`${letter} Once more.`)
      await browser.context.clearCookies()
      await page.reload()
      await page.getByLabel('Your key').fill(all.two.key)
      await button('Sign in').click()
      await openTab(page, 'Privacy')
      await page.getByText('A key with “Everything” can keep text in the house.').waitFor(visible)
      const parts = page.getByRole('navigation', { name: 'Parts of privacy' }).getByRole('link')
      expect(await parts.allInnerTexts()).toEqual(['Try it', 'Policies', 'What left', 'Scopes'])
      await part('Policies')
      await page.getByRole('heading', { name: 'default' }).waitFor(visible)
      expect(await page.getByRole('button', { name: /^(Change|Make)/ }).count()).toBe(0)
      await part('What left')
      await page.getByText('Nothing has left yet').waitFor(visible)
      await part('Scopes')
      await page.getByText('Nothing is kept').waitFor(visible)
      await page.goto(`${all.house.url}/#/privacy/lists`)
      await page.getByRole('heading', { name: 'Try it' }).waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    pageTestMs,
  )

  test(
    'a vault that is locked and a recogniser that is silent are told with what to do',
    async () => {
      const home = await mkdtemp(join(tmpdir(), 'hearth-test-home-'))
      const key = join(home, 'privacy.key')
      await writeFile(key, new Uint8Array(32))
      await chmod(key, 0o644)
      const recogniser = `privacy: { recogniser: { url: "http://127.0.0.1:${closedPort()}", timeout: 300ms } }\n`
      const house = await startHouse({ home, config: recogniser })
      try {
        await browser.context.clearCookies()
        await signIn(page, house)
        await openTab(page, 'Privacy')
        await page.getByText('The vault is locked: nothing leaves for clouds.').waitFor(visible)
        await page.getByText(`chmod 600 ${key}`).waitFor(visible)
        await page.getByText('The recogniser of names does not answer').waitFor(visible)
        await page.getByLabel('A text').fill(letter)
        await button('Scrub').click()
        await page.getByRole('alert').waitFor(visible)
        expect(browser.complaints).toEqual([])
      } finally {
        // An open page holds a stream of events, and the house would wait for it.
        await page.close()
        await house[Symbol.asyncDispose]()
        await rm(home, { recursive: true, force: true })
      }
    },
    pageTestMs,
  )

  test(
    'on a phone every part fits, and is reached and used by the keyboard',
    async () => {
      await chat(letter)
      await page.setViewportSize(phone)
      const first = page.getByLabel('A text')
      await first.fill(letter)
      await button('Scrub').focus()
      await page.keyboard.press('Enter')
      await page.getByRole('group', { name: 'What would leave' }).waitFor(visible)
      expect(await faultsOfLayout(page)).toEqual([])
      for (const name of ['Policies', 'Lists', 'What left', 'Scopes', 'Leak test']) {
        const link = page.getByRole('navigation', { name: 'Parts of privacy' }).getByRole('link', { name })
        await link.focus()
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name, level: 2 }).waitFor(visible)
        await until('it is read', async () => (await page.locator('.skeleton').count()) === 0)
        expect([name, await faultsOfLayout(page)]).toEqual([name, []])
      }
      await page.goto(`${all.house.url}/#/privacy/policies`)
      await button('Change default').focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: 'Change default' }).waitFor(visible)
      expect(await faultsOfLayout(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ ...visible, state: 'detached' })
      expect(await page.evaluate('document.activeElement?.getAttribute("aria-label")')).toBe('Change default')
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
