/** Takes pictures of every tab and main state against the fake house: `bun test/pictures/take.ts [folder]`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createPage } from '#platform/http/static.ts'
import { devKey, startFakeHouse } from '../../web/dev/fake-house.ts'
import { startPageBrowser } from '../env/page-browser.ts'
import { takeCatalogue } from './catalogue.ts'
import { takePrivacy } from './privacy.ts'
import type { Scene } from './scene.ts'

const folder = Bun.argv[2] ?? 'test/out/pictures'
const looks = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desk', viewport: { width: 1440, height: 900 } },
] as const
const problems: string[] = []
const builtPage = createPage({ directory: new URL('../../web/dist', import.meta.url).pathname })

/** A picture of eight by eight embers. */
const ember = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mN4lCaFFTEMLQkAxsZYgTTC8dEAAAAASUVORK5CYII=',
  'base64',
)

mkdirSync(folder, { recursive: true })
for (const look of looks) for (const colorScheme of ['light', 'dark'] as const) await takeAll(look, colorScheme)
process.stdout.write(`${problems.length === 0 ? 'No complaints, no overflow.' : problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1

async function takeAll(look: (typeof looks)[number], colorScheme: 'light' | 'dark'): Promise<void> {
  const name = `${look.name}-${colorScheme}`
  let house = startFakeHouse(0, builtPage)
  const { url } = house
  await using browser = await startPageBrowser({ viewport: look.viewport, colorScheme, reducedMotion: 'reduce' })
  const page = await browser.context.newPage()
  const scene: Scene = {
    page,
    url,
    mood: (word) => fetch(`${url}/dev/${word}`, { method: 'POST' }),
    async shot(what, isWhole = false) {
      await page.screenshot({ path: join(folder, `${what}-${name}.png`), fullPage: isWhole })
      const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'))
      if (overflow > 0) problems.push(`${name} ${what}: ${overflow} px too wide`)
    },
    async restart(isBack) {
      if (isBack) house = startFakeHouse(Number(new URL(url).port), builtPage)
      else await house.stop()
    },
  }
  await takeModels(scene)
  await takeChat(scene)
  await takePlayground(scene)
  await takeRequests(scene)
  await takeRoutes(scene)
  await takePrivacy(scene)
  await takeCatalogue(scene)
  await takeKeys(scene)
  await takeBadStates(scene)
  await takeRestart(scene)
  problems.push(...browser.complaints.map((complaint) => `${name}: ${complaint}`))
  await house.stop()
}

async function takeModels({ page, url, shot }: Scene): Promise<void> {
  await page.goto(`${url}/#ticket=used`)
  await page.getByText('already used').waitFor()
  await shot('01-ticket-used')
  await page.getByLabel('Your key').fill(devKey)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
  await page.getByText('Qwen3 0.6B').waitFor()
  await page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor()
  await shot('02-models')
  await shot('03-models-whole', true)
  await page.getByRole('button', { name: /Try again mistral/ }).click()
  await page.getByText('This is what happens').waitFor()
  await shot('04-plan')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /Load <img/ }).click()
  await page.getByText('96 GiB').waitFor()
  await shot('05-obstacle')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Log of qwen3-8b-instruct' }).click()
  await page.getByText('offloaded').waitFor()
  await shot('06-log')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /Signed in as/ }).click()
  await shot('07-account')
  await page.keyboard.press('Escape')
}

async function takeChat({ page, shot }: Scene): Promise<void> {
  const ask = async (text: string) => {
    await page.getByLabel('Your message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }
  await page.getByRole('link', { name: 'Chat', exact: true }).click()
  await page.getByText('Ask something').waitFor()
  await shot('10-chat-empty')
  await ask('markdown please, with everything a hearth needs')
  await page.getByRole('button', { name: 'Copy the answer' }).waitFor({ timeout: 20_000 })
  await page.locator('.hljs-keyword').first().waitFor()
  const hacked = await page.evaluate('window.hacked')
  if (hacked !== undefined) problems.push(`model output ran: ${String(hacked)}`)
  await shot('11-chat-markdown')
  await ask('think about it')
  await page.getByText('Thoughts').waitFor()
  await page.getByText('people gather').last().waitFor()
  await page.getByText('Thoughts').click()
  await shot('12-chat-thoughts')
  await ask('break off')
  await page.getByText('The answer broke off here').waitFor()
  await shot('13-chat-broke-off')
  await ask('wait for it')
  await page.getByText('Making room').waitFor()
  await shot('14-chat-waiting')
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('You stopped').waitFor()
  await ask('refuse me')
  await page.getByText('60 requests a minute').waitFor()
  await shot('15-chat-refused')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('System prompt').waitFor()
  await shot('16-chat-settings')
  await page.keyboard.press('Escape')
}

async function takePlayground({ page, url, shot }: Scene): Promise<void> {
  const ask = async (text: string) => {
    await page.getByLabel('Your message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'Send' }).waitFor({ timeout: 20_000 })
  }
  await page.getByRole('button', { name: 'New chat' }).click()
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  await shot('17-chat-undo')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Put in an example' }).click()
  await page.getByLabel('Temperature').fill('7')
  await shot('17-chat-parameters')
  await page.getByLabel('Temperature').fill('')
  await page.getByText('1 tool', { exact: true }).scrollIntoViewIfNeeded()
  await shot('17-chat-tools')
  await page.keyboard.press('Escape')
  await ask('call the weather')
  await page.getByLabel('What get_weather answers').fill('rain, 4 °C')
  await shot('18-chat-call')
  await page.getByRole('button', { name: 'Go on with this' }).click()
  await page.getByText('take a coat').last().waitFor()
  await ask('fill the context')
  await ask('fill it more')
  await page.getByText('fills most of').waitFor()
  await shot('18-chat-full')
  await page.getByRole('button', { name: 'Summarise the older part' }).click()
  await page.getByText('We spoke of').waitFor()
  await page.getByText('A summary stands for').scrollIntoViewIfNeeded()
  await shot('18-chat-summary')
  await page.getByRole('button', { name: 'New chat' }).click()
  await page.goto(`${url}/#/chat/gemma-3-12b-it`)
  await page.locator('input[type=file]').setInputFiles({ name: 'ember.png', mimeType: 'image/png', buffer: ember })
  await page.getByAltText('Attached picture 1').waitFor()
  await shot('18-chat-picture')
  await ask('look at this')
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByLabel('Beside it').selectOption('office-vllm/qwen3-30b-a3b')
  await shot('19-chat-blind')
  await ask('markdown for both')
  await shot('19-chat-compare')
  await page.getByRole('button', { name: 'Edit' }).last().click()
  await shot('19-chat-edit')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Stop comparing' }).click()
}

async function takeRequests({ page, url, mood, shot }: Scene): Promise<void> {
  await page.getByRole('link', { name: 'Requests', exact: true }).click()
  await page.getByText('Older', { exact: true }).waitFor()
  await shot('40-requests')
  await page.getByText('Filter', { exact: true }).click()
  await page.getByLabel('Ended').selectOption('failed')
  await page.waitForURL(/outcome=failed/)
  await shot('41-requests-filter')
  await page.getByLabel('Text in the model').fill('no such thing')
  await page.getByText('No request matches').waitFor()
  await shot('42-requests-none')
  await page.getByRole('button', { name: 'Show all' }).first().click()
  await page.getByText('Older', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await mood('request')
  await page.getByRole('button', { name: 'new request' }).waitFor()
  await shot('43-requests-paused')
  await page.getByRole('button', { name: 'Go on' }).click()
  for (const [place, id] of ['1235', '1230', '1227', '1238'].entries()) {
    await page.goto(`${url}/#/requests/req_${id.padStart(24, '0')}`)
    await page.getByRole('heading', { name: 'Where the time went' }).waitFor()
    await shot(`44-request-${place + 1}`)
    await page.keyboard.press('Escape')
  }
  await page.goto(`${url}/#/requests/req_gone`)
  await page.getByText('Its row is not there').waitFor()
  await shot('45-request-gone')
  await page.keyboard.press('Escape')
}

async function takeRoutes({ page, shot }: Scene): Promise<void> {
  await page.getByRole('link', { name: 'Routes', exact: true }).click()
  await page.getByText('also gpt-4o').waitFor()
  await shot('50-routes')
  await shot('51-routes-whole', true)
  await page.getByRole('button', { name: 'Ask hearth/smoke for one token' }).click()
  await page.getByText('Answered in').waitFor()
  await page.getByText('Answered in').scrollIntoViewIfNeeded()
  await shot('52-routes-test')
  await page.getByRole('heading', { name: 'Places' }).scrollIntoViewIfNeeded()
  await shot('53-routes-places')
}

async function takeKeys({ page, shot }: Scene): Promise<void> {
  await page.getByRole('link', { name: 'Keys', exact: true }).click()
  await page.getByText('Kitchen tablet').waitFor()
  await shot('20-keys', true)
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByText('Give it a name').waitFor()
  await shot('21-key-form')
  await page.getByLabel('Turns in line').fill('101')
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByLabel('Turns in line').scrollIntoViewIfNeeded()
  await shot('21-key-line')
  await page.getByLabel('Turns in line').fill('3')
  await page.getByLabel('Name').fill('Living room')
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByText('It is shown this once').waitFor()
  await shot('22-key-issued')
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('group', { name: 'Actions for Kitchen tablet' }).getByRole('button', { name: 'Rotate' }).click()
  await shot('23-rotate')
  await page.keyboard.press('Escape')
  await page.getByRole('group', { name: 'Actions for Admin' }).getByRole('button', { name: 'Revoke' }).click()
  await shot('24-revoke')
  await page.keyboard.press('Escape')
}

async function takeBadStates({ page, url, mood, shot }: Scene): Promise<void> {
  await mood('empty')
  await page.goto(`${url}/#/models`)
  await page.reload()
  await page.getByText('No model yet').waitFor()
  await shot('30-empty-models', true)
  await page.goto(`${url}/#/chat`)
  await page.getByRole('heading', { name: 'No model to talk to' }).waitFor()
  await shot('31-empty-chat')
  await mood('full')
  await mood('failing')
  await page.goto(`${url}/#/models`)
  await page.reload()
  await page.getByText('The database file is locked').first().waitFor()
  await shot('32-failing', true)
  await mood('full')
  await mood('slow')
  await page.reload()
  await page.getByText('Still waiting').waitFor()
  await shot('33-slow-opening')
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
  await shot('34-skeletons')
  await mood('quick')
  await page.reload()
  await page.getByText('Qwen3 0.6B').waitFor()
}

async function takeRestart({ page, mood, shot, restart }: Scene): Promise<void> {
  const isLive = () => page.getByText('Live', { exact: true }).filter({ visible: true }).waitFor()
  await restart(false)
  await page.getByText('catches up by itself').waitFor()
  await shot('36-reconnecting')
  await restart(true)
  await isLive()
  await mood('version')
  await page.getByText('Hearth was updated').waitFor()
  await shot('37-updated')
  await isLive()
  await mood('expire')
  // Whichever is refused first, this click or a reading of the page's own: the person is told the same.
  const told = page.getByText('Your session ended')
  await page.getByRole('button', { name: 'Load bge-m3' }).or(told).first().click()
  await told.waitFor()
  await shot('35-expired')
}
