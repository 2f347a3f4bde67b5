import type { Scene } from './scene.ts'

const letter = `Dear Ann Lee, write to ann.lee@vendor-mail.com or call +1 415 555 2671
about Project Nightjar: DE89 3704 0044 0532 0130 00. The host is vorratskeller (10.23.45.67).
And what is hidden is found too: ${btoa('bob@marrowfield.org')}.`

/** Every part of the tab of privacy, and what it says when something is wrong. */
export async function takePrivacy(scene: Scene): Promise<void> {
  await takeTrial(scene)
  await takePolicies(scene)
  await takeLists(scene)
  await takeRecords(scene)
  await takeProof(scene)
  await takeTroubles(scene)
}

async function takeTrial({ page, shot }: Scene): Promise<void> {
  await page.getByRole('link', { name: 'Privacy', exact: true }).click()
  await page.getByText('Names that the house does not know go out.').waitFor()
  await shot('60-privacy')
  await page.getByLabel('A text').fill(letter)
  await page.getByRole('button', { name: 'Look', exact: true }).click()
  await page.getByText('8 identifiers were found').waitFor()
  await page.getByText('8 identifiers were found').scrollIntoViewIfNeeded()
  await shot('61-privacy-look')
  await page.getByRole('button', { name: 'Scrub', exact: true }).click()
  await page.getByRole('button', { name: 'Put the values back' }).click()
  await page.getByText('8 values were put back').waitFor()
  await shot('62-privacy-scrub', true)
}

async function takePolicies({ page, shot }: Scene): Promise<void> {
  await part(page, 'Policies')
  await page.getByRole('heading', { name: 'pictures-of-the-weather' }).waitFor()
  await shot('63-privacy-policies', true)
  await page.getByRole('button', { name: 'Change default' }).click()
  await page.getByLabel('Text', { exact: true }).selectOption('raw')
  await page.getByLabel('Recordings').selectOption('raw')
  await shot('64-privacy-policy')
  await page.getByText('Types that leave as they are').click()
  await page.getByText('Types that leave as they are').scrollIntoViewIfNeeded()
  await shot('64-privacy-policy-types')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Let more leave?').waitFor()
  await shot('65-privacy-loosen')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Keep text in the house' }).click()
  await page.getByText('Text stays in the house, because').waitFor()
  await shot('66-privacy-kept')
}

async function takeLists({ page, shot }: Scene): Promise<void> {
  await part(page, 'Lists')
  const directory = page.getByRole('region', { name: 'Belongs to this house' })
  await directory.getByText('47 entries').waitFor()
  await shot('67-privacy-lists', true)
  await directory.getByRole('button', { name: 'Paste many' }).click()
  await directory.getByLabel('One in each line').fill('Ann Lee\nCarol\nDave\nxy')
  await directory.getByRole('button', { name: 'Remove Zoe Quandt' }).click()
  await directory.getByText('was removed').waitFor()
  await directory.getByText('Known by the house itself').click()
  await directory.getByRole('heading', { level: 3 }).scrollIntoViewIfNeeded()
  await shot('68-privacy-lists-many')
}

async function takeRecords({ page, shot }: Scene): Promise<void> {
  await part(page, 'What left')
  await page.getByRole('button', { name: 'Older' }).waitFor()
  await shot('70-privacy-left')
  await page.getByLabel('What became of it').selectOption('refused')
  await page.getByText('That is all of it').waitFor()
  await shot('71-privacy-refused')
  await part(page, 'Scopes')
  await page.getByRole('list', { name: 'Scopes' }).waitFor()
  await shot('72-privacy-scopes')
  await page.getByRole('button', { name: 'Destroy scope_' }).first().click()
  await page.getByText('This cannot be undone').waitFor()
  await shot('73-privacy-shred')
  await page.keyboard.press('Escape')
}

async function takeProof({ page, shot }: Scene): Promise<void> {
  await part(page, 'Leak test')
  await page.getByRole('button', { name: 'Run the test' }).click()
  await page.getByText(/^[1-9]\d* of 500 cases/).waitFor()
  await shot('74-privacy-test-runs')
  await page.getByText('Passed:').waitFor()
  await shot('75-privacy-test', true)
  await page.getByLabel('Seed').fill('13')
  await page.getByRole('button', { name: 'Run the test' }).click()
  await page.getByText('Failed:').waitFor()
  await page.getByText('Failed:').scrollIntoViewIfNeeded()
  await shot('76-privacy-test-failed')
}

async function takeTroubles({ page, url, mood, shot }: Scene): Promise<void> {
  for (const [word, told] of [
    ['locked', 'The vault is locked'],
    ['silent', 'does not answer'],
    ['reads', 'Names are looked for by'],
    ['empty', 'Nothing has left yet'],
  ] as const) {
    await mood(word)
    await page.goto(`${url}/#/privacy/left`)
    await page.reload()
    await page.getByText(told).first().waitFor()
    await shot(`77-privacy-${word}`)
  }
  await mood('full')
  await page.reload()
  await page.getByRole('button', { name: 'Older' }).waitFor()
}

async function part(page: Scene['page'], name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Parts of privacy' }).getByRole('link', { name }).click()
  await page.evaluate('window.scrollTo(0, 0)')
}
