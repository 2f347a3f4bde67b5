import type { Scene } from './scene.ts'

/** The catalogue: its models, the ways to use them, its providers, and another one taken. */
export async function takeCatalogue(scene: Scene): Promise<void> {
  await takeWorld(scene)
  await takeVendors(scene)
  await takeRenewal(scene)
}

async function takeWorld({ page, url, shot }: Scene): Promise<void> {
  await page.getByRole('link', { name: 'Catalogue', exact: true }).click()
  await page.getByText('Claude Haiku 4.5').waitFor()
  await shot('80-catalogue')
  await page.getByText('More filters').click()
  await page.getByLabel('Provider').selectOption('groq')
  await page.getByText('2 models', { exact: false }).first().waitFor()
  await shot('81-catalogue-filters', true)
  await page.getByLabel('call tools').check()
  await page.getByLabel('Find a model').fill('nothing like this')
  await page.getByText('No model is like that').waitFor()
  await shot('82-catalogue-nothing')
  for (const [id, what] of [
    ['anthropic/claude-haiku-4-5', 'usable'],
    ['databricks/databricks-gpt-oss-120b', 'unset'],
    ['groq/qwen/qwen3-8b', 'local'],
    ['openai/gpt-5-mini', 'keyless'],
    ['openai/gpt-7', 'gone'],
  ] as const) {
    await page.goto(`${url}/#/catalogue/model/${id}`)
    await page
      .getByRole('dialog')
      .getByText(what === 'gone' ? 'has no model' : 'Can you use it?')
      .waitFor()
    await shot(`83-catalogue-model-${what}`)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
}

async function takeVendors({ page, shot }: Scene): Promise<void> {
  await part(page, 'Providers')
  await page.getByText('Key missing: work').waitFor()
  await shot('84-catalogue-providers')
  await page.getByText('How to set it up').first().click()
  await page.getByLabel('Find a provider').fill('a')
  await page.getByLabel('How to set it up: Databricks').click()
  await page.getByText('apiKey: "${DATABRICKS_API_KEY}"').waitFor()
  await shot('85-catalogue-provider', true)
}

async function takeRenewal({ page, shot }: Scene): Promise<void> {
  await part(page, 'Renew')
  await page.getByText('came with Hearth', { exact: true }).waitFor()
  await page.getByLabel('From a text').check()
  await page.getByLabel('Text', { exact: true }).fill('{')
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByText('This is no JSON.').waitFor()
  await shot('86-catalogue-renew', true)
  await page.getByLabel('From a file').check()
  await shot('86-catalogue-renew-file')
  await page.getByLabel('From an address').check()
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByRole('dialog').getByText('Other prices (2)').waitFor()
  await shot('87-catalogue-changes')
  await page.getByRole('dialog').getByText('New models').click()
  await page.getByRole('button', { name: 'Show 960 more' }).scrollIntoViewIfNeeded()
  await shot('88-catalogue-changes-many')
  await page.getByRole('button', { name: 'Take it' }).click()
  await page.getByText('In effect now').waitFor()
  await shot('89-catalogue-taken')
  await page.getByRole('button', { name: 'Go back to the one that came with Hearth' }).click()
  await page.getByRole('dialog', { name: 'Go back?' }).waitFor()
  await shot('89-catalogue-reset')
  await page.getByRole('button', { name: 'Go back', exact: true }).click()
  await page.getByText('came with Hearth', { exact: true }).waitFor()
}

async function part(page: Scene['page'], name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Parts of the catalogue' }).getByRole('link', { name }).click()
  await page.evaluate('window.scrollTo(0, 0)')
}
