import type { Page } from 'playwright-core'
import type { House } from './house.ts'
import { until } from './until.ts'

export const desk = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }
export const pageTestMs = 90_000
export const visible = { timeout: 15_000 }

/** Somebody at the page of a house. */
export async function signIn(page: Page, house: House): Promise<void> {
  await page.goto(house.url)
  await page.getByLabel('Your key').fill(house.adminKey)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor(visible)
  await page.getByText('Live', { exact: true }).filter({ visible: true }).first().waitFor(visible)
}

export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor({ ...visible, state: 'attached' })
}

export async function openChat(page: Page, house: House, model: string): Promise<void> {
  await page.goto(`${house.url}/#/chat/${model}`)
  const picker = page.getByLabel('Model')
  await picker.waitFor(visible)
  await until('the model is chosen', async () => (await picker.inputValue()) === model)
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** The page is no wider than the window, and what can be pressed is large enough for a finger. */
export async function faultsOfLayout(page: Page): Promise<readonly string[]> {
  const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'))
  const small = (await page.evaluate(smallTargets)) as readonly string[]
  return overflow > 0 ? [`${overflow} px too wide`, ...small] : small
}

/** What can be pressed and is smaller than 44 px; a box of a form counts with its label. */
const smallTargets = `[...document.querySelectorAll('button, select, nav a, input, textarea, summary, [role=listitem] > a')]
  .map((element) => element.closest('label') ?? element)
  .filter((element) => element.checkVisibility())
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, box]) => Math.round(box.width) < 44 || Math.round(box.height) < 44)
  .map(([element]) => element.outerHTML.slice(0, 120))`
