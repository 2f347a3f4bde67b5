/** Getting models on the page, in a real browser: from a hub, and from what other programs left on this machine. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { smokeModel } from '#fleet/core/gguf/smoke.ts'
import { type House, startHouse, testEnginesDir } from '../env/house.ts'
import { chromiumPath, type PageBrowser, startPageBrowser } from '../env/page-browser.ts'
import { until } from '../env/until.ts'
import { sha256, startHub, type FakeHub } from '../fakes/hub.ts'

const testMs = 90_000
const visible = { timeout: 15_000 }

if (chromiumPath === null)
  describe.skip('getting models on the page (needs HEARTH_TEST_SYSTEM=1)', () => test('is skipped', () => {}))
else describe('getting models on the page', pageTests)

function pageTests(): void {
  const weights = smokeModel('chat')
  let hub: FakeHub
  let home: string
  let house: House
  let browser: PageBrowser
  let page: Page

  beforeAll(async () => {
    hub = await startHub({
      'acme/Tiny-GGUF': { files: { 'Tiny-Q8_0.gguf': weights } },
      'acme/Slow-GGUF': { files: { 'Slow-Q8_0.gguf': new Uint8Array(2_000_000) } },
    })
    home = await mkdtemp(join(tmpdir(), 'hearth-test-home-'))
    const put = (path: string, content: string | Uint8Array) => {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), content)
    }
    put('.lmstudio/models/acme/found/Found-Q8_0.gguf', weights)
    const digest = sha256(weights)
    const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}`, size: 1 }]
    put('.ollama/models/manifests/registry.ollama.ai/library/tinyllama/latest', JSON.stringify({ layers }))
    put(`.ollama/models/blobs/sha256-${digest}`, weights)
    house = await startHouse({ home, config: `hub: { huggingface: ${hub.url} }\n` })
    browser = await startPageBrowser({ viewport: { width: 1440, height: 900 } })
  }, 60_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await house?.[Symbol.asyncDispose]()
    await hub?.[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  }, 60_000)
  beforeEach(async () => {
    hub.bytesPerSecond = Infinity
    await browser.context.clearCookies()
    for (const open of browser.context.pages()) await open.close()
    page = await browser.context.newPage()
    await page.goto(house.url)
    await page.getByLabel('Your key').fill(house.adminKey)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor(visible)
  })

  const pull = async (ref: string) => {
    await page.getByLabel('Another model from Hugging Face').fill(ref)
    await page.getByRole('button', { name: 'Pull', exact: true }).click()
  }
  const chat = async (model: string) => {
    await page.goto(`${house.url}/#/chat/${model}`)
    await until('the model is chosen', async () => (await page.getByLabel('Model').inputValue()) === model)
    await page.getByLabel('Your message').fill('Hello.')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText(/first word after/).waitFor({ timeout: 60_000 })
  }

  test(
    'a pull shows its progress, and the model that it brought answers',
    async () => {
      hub.bytesPerSecond = 100_000
      await pull('acme/Tiny-GGUF:Q8_0')
      await page.getByRole('heading', { name: 'acme/Tiny-GGUF:Q8_0' }).waitFor(visible)
      await page.getByText(/^Downloading [1-9]\d?%$/).waitFor(visible)
      await page.getByRole('button', { name: 'Load tiny-q8_0', exact: true }).waitFor(visible)
      await chat('tiny-q8_0')
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'a cancelled pull goes from the page and from the disk',
    async () => {
      hub.bytesPerSecond = 50_000
      await pull('acme/Slow-GGUF:Q8_0')
      await page.getByText(/^Downloading \d+%$/).waitFor(visible)
      await page.getByRole('button', { name: 'Cancel the download of acme/Slow-GGUF:Q8_0' }).click()
      await page.getByRole('heading', { name: 'acme/Slow-GGUF:Q8_0' }).waitFor({ ...visible, state: 'detached' })
      // The row goes as soon as somebody says so; the transfer is stopped and its file thrown away behind it.
      await until('its file is gone from the disk', () => filesUnder(join(home, 'models/acme/Slow-GGUF')).length === 0)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'what the hub does not have is told in its words',
    async () => {
      await pull('acme/None-GGUF:Q8_0')
      await page.getByRole('alert').getByText('acme/None-GGUF').waitFor(visible)
      await pull('acme/Tiny-GGUF:Q2_K')
      await page.getByRole('alert').getByText('It holds: Q8_0').waitFor(visible)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test.each([
    ['LM Studio', 'acme/found/Found-Q8_0.gguf', 'from-lm-studio'],
    ['Ollama', 'tinyllama:latest', 'from-ollama'],
  ])(
    'a file of %s is used where it is',
    async (_, file, id) => {
      await page.getByRole('button', { name: `Use it: ${file}` }).click()
      await page.getByLabel('Name that callers use').fill(id)
      await page.getByRole('button', { name: 'Add the model' }).click()
      await page.getByText(`Used as ${id}`).waitFor(visible)
      await chat(id)
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )

  test(
    'an engine that is not here yet is installed at the first need, and the page says so',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'hearth-test-engines-'))
      const npm = join(folder, 'npm')
      writeFileSync(npm, installsWhatIsHere(join(testEnginesDir(), 'llama/node_modules')), { mode: 0o755 })
      await using bare = await startHouse({
        env: { HEARTH_ENGINES_DIR: join(folder, 'engines'), PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      })
      const made = await bare.ask('/api/tickets', { method: 'POST' })
      const { ticket } = (await made.json()) as { readonly ticket: string }
      await page.goto(`${bare.url}/#ticket=${ticket}`)
      await page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor(visible)
      await page.getByRole('button', { name: 'Load hearth/smoke', exact: true }).click()
      await page.getByText(/^Installing the engine llama: \d+%$/).waitFor(visible)
      await page.getByText('Ready since').first().waitFor({ timeout: 60_000 })
      expect(await page.getByText('Installing the engine').count()).toBe(0)
      expect(browser.complaints).toEqual([])
      await rm(folder, { recursive: true, force: true })
    },
    testMs,
  )

  test(
    'a configuration that is refused is told on the page until it is mended',
    async () => {
      const file = join(home, 'hearth.yaml')
      const good = await Bun.file(file).text()
      writeFileSync(file, `${good}fleet: { memory: lots }\n`)
      await page.getByText('what ran before runs on').waitFor(visible)
      await page.getByText('line 2: fleet.memory is "lots"').waitFor(visible)
      writeFileSync(file, good)
      await page.getByText('what ran before runs on').waitFor({ ...visible, state: 'detached' })
      expect(browser.complaints).toEqual([])
    },
    testMs,
  )
}

/** An npm without a network: takes a moment, says what the real one says, brings what the tests installed before. */
function installsWhatIsHere(nodeModules: string): string {
  const fetched = 'echo "npm http fetch GET 200 https://registry.example/package 5ms"'
  return `#!/bin/sh\nfor part in 1 2 3 4; do ${fetched}; sleep 0.3; done\ncp -R '${nodeModules}' node_modules\n`
}

const filesUnder = (folder: string): readonly string[] =>
  existsSync(folder) ? [...new Bun.Glob('**').scanSync({ cwd: folder })] : []
