/**
 * The best known forms once more, written here by hand from what their vendors publish and not from the tables. They
 * are put together while the test runs, so that nobody's scanner takes this file for a leak.
 */
import { expect, test } from 'bun:test'
import { createScanner } from '../../detect/scan.ts'
import type { View } from '../../words.ts'
import { secretRecognisers } from './secrets.ts'

const scanner = createScanner(secretRecognisers)
const b62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const hex = '0123456789abcdef'
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const lower = 'abcdefghijklmnopqrstuvwxyz0123456789'
const url = `${b62}-_`
const std = `${b62}+/`
let state = 20_261_121

function of(alphabet: string, length: number): string {
  let text = ''
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    // A letter or digit at both ends: signs there may belong to the sentence.
    const from = index === 0 || index === length - 1 ? alphabet.replace(/[^A-Za-z0-9]/g, '') : alphabet
    text += from.charAt((state >> 8) % from.length)
  }
  return text
}

const uuid = () => [8, 4, 4, 4, 12].map((length) => of(hex, length)).join('-')
const json = (value: unknown) =>
  btoa(JSON.stringify(value)).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')

const marker = ['T3Blbk', 'FJ'].join('')
const dashes = '-'.repeat(5)

/** What, the recogniser that must know it, the pieces. */
const vectors: readonly (readonly [string, string, ...string[]])[] = [
  ['OpenAI, the first kind', 'openai.legacy-key', 'sk', '-', of(b62, 20), marker, of(b62, 20)],
  ['OpenAI, of a project', 'openai.project-key', 'sk', '-proj-', of(url, 74), marker, of(url, 74)],
  ['OpenAI, of a service', 'openai.service-key', 'sk', '-svcacct-', of(url, 74), marker, of(url, 74)],
  ['OpenAI, of an administrator', 'openai.admin-key', 'sk', '-admin-', of(url, 58), marker, of(url, 58)],
  ['Anthropic', 'anthropic.api-key', 'sk', '-ant-', 'api03-', of(url, 93), 'AA'],
  ['Anthropic, of an administrator', 'anthropic.admin-key', 'sk', '-ant-', 'admin01-', of(url, 93), 'AA'],
  ['Anthropic, a login', 'anthropic.oauth-token', 'sk', '-ant-', 'oat01-', of(url, 93), 'AA'],
  ['Google', 'google.api-key', 'AI', 'za', 'Sy', of(url, 33)],
  ['Google, of a client', 'google.client-secret', 'GOC', 'SPX-', of(url, 28)],
  ['Google, for an hour', 'google.access-token', 'ya', '29.', 'a0', of(url, 120)],
  ['AWS', 'aws.access-key-id', 'AK', 'IA', of(upper, 16)],
  ['AWS, for a while', 'aws.access-key-id', 'AS', 'IA', of(upper, 16)],
  ['Azure, of an application', 'azure.client-secret', of(b62, 3), '8', 'Q', '~', of(`${b62}_.~-`, 34)],
  ['GitHub', 'github.personal-token', 'gh', 'p_', of(b62, 36)],
  ['GitHub, of an application', 'github.server-token', 'gh', 's_', of(b62, 36)],
  ['GitHub, fine-grained', 'github.fine-grained-token', 'github', '_pat_', of(b62, 22), '_', of(b62, 59)],
  ['GitLab', 'gitlab.personal-token', 'gl', 'pat-', of(url, 20)],
  ['GitLab, routable', 'gitlab.personal-token', 'gl', 'pat-', of(url, 27), '.01.', of(lower, 9)],
  ['GitLab, of a runner', 'gitlab.runner-token', 'gl', 'rt-t1_', of(url, 20)],
  ['GitLab, of a job', 'gitlab.job-token', 'gl', 'cbt-', '64', '_', of(url, 20)],
  ['Slack, of a bot', 'slack.bot-token', 'xo', 'xb-', of('123456789', 12), '-', of('123456789', 13), '-', of(b62, 24)],
  ['Slack, of an app', 'slack.app-token', 'xa', 'pp-1-A', of(upper, 10), '-', of('123456789', 13), '-', of(hex, 64)],
  ['Discord, of a bot', 'discord.token', btoa('123456789012345678'), '.', 'Gx', of(b62, 4), '.', of(url, 38)],
  ['Telegram', 'telegram.bot-token', of('123456789', 10), ':', 'AA', of(url, 33)],
  ['SendGrid', 'sendgrid.key', 'S', 'G.', of(url, 22), '.', of(url, 43)],
  ['Mailgun', 'mailgun.key', 'ke', 'y-', of(hex, 32)],
  ['Mailchimp', 'mailchimp.key', of(hex, 32), '-', 'us21'],
  ['Stripe', 'stripe.secret-key', 'sk', '_live_', of(b62, 24)],
  ['Stripe, restricted', 'stripe.restricted-key', 'rk', '_live_', of(b62, 99)],
  ['Stripe, of a webhook', 'stripe.webhook-secret', 'whs', 'ec_', of(b62, 32)],
  ['Square', 'square.access-token', 'sq0', 'atp-', of(url, 22)],
  ['Shopify', 'shopify.access-token', 'shp', 'at_', of(hex, 32)],
  ['Hugging Face', 'huggingface.token', 'h', 'f_', of(b62, 34)],
  ['Groq', 'groq.key', 'gs', 'k_', of(b62, 52)],
  ['xAI', 'xai.key', 'xa', 'i-', of(b62, 80)],
  ['OpenRouter', 'openrouter.key', 'sk', '-or-', 'v1-', of(hex, 64)],
  ['Perplexity', 'perplexity.key', 'pp', 'lx-', of(b62, 48)],
  ['Replicate', 'replicate.token', 'r', '8_', of(b62, 37)],
  ['NVIDIA', 'nvidia.key', 'nva', 'pi-', of(url, 64)],
  ['LangSmith', 'langsmith.key', 'lsv2', '_pt_', of(hex, 32), '_', of(hex, 10)],
  ['PyPI', 'pypi.token', 'pyp', 'i-', btoa('\x02\x01\x08pypi.org').replace(/=+$/, ''), of(url, 120)],
  ['RubyGems', 'rubygems.key', 'ruby', 'gems_', of(hex, 48)],
  ['Docker Hub', 'docker.access-token', 'dckr', '_pat_', of(url, 27)],
  ['Databricks', 'databricks.token', 'da', 'pi', of(hex, 32)],
  ['Supabase', 'supabase.access-token', 'sb', 'p_', of(hex, 40)],
  ['Cloudflare', 'cloudflare.token', 'cf', 'ut_', of(b62, 40), of(hex, 8)],
  ['DigitalOcean', 'digitalocean.access-token', 'do', 'p_v1_', of(hex, 64)],
  ['Heroku', 'heroku.key', 'HR', 'KU-', 'AA', of(url, 58)],
  ['Terraform Cloud', 'terraform.token', of(b62, 14), '.', 'atlas', 'v1.', of(url, 67)],
  ['HashiCorp Vault', 'vault.service-token', 'hv', 's.', of(url, 90)],
  ['Doppler', 'doppler.token', 'dp', '.pt.', of(b62, 43)],
  ['Grafana', 'grafana.service-token', 'gl', 'sa_', of(b62, 32), '_', of(hex, 8)],
  ['New Relic', 'newrelic.user-key', 'NR', 'AK-', of(upper, 27)],
  [
    'Sentry',
    'sentry.organisation-token',
    'sntr',
    'ys_',
    json({ iat: 1.5, url: 'https://sentry.io' }),
    '_',
    of(std, 43),
  ],
  ['Postman', 'postman.key', 'PM', 'AK-', of(hex, 24), '-', of(hex, 34)],
  ['Linear', 'linear.key', 'lin', '_api_', of(b62, 40)],
  ['Notion', 'notion.token', 'nt', 'n_', of('123456789', 11), of(b62, 35)],
  ['Atlassian', 'atlassian.token', 'ATA', 'TT3x', of(url, 177), '=', of(upper, 8)],
  ['Figma', 'figma.token', 'fig', 'd_', of(url, 40)],
  ['Airtable', 'airtable.token', 'pa', 't', of(b62, 14), '.', of(hex, 64)],
  ['Tailscale', 'tailscale.key', 'tsk', 'ey-auth-', of(b62, 12), 'CNTRL', '-', of(b62, 32)],
  ['HubSpot', 'hubspot.token', 'pa', 't-eu1-', uuid()],
  ['this program', 'hearth.key', 'h', 'k-', of(lower, 12), '-', of(hex, 48)],
  [
    'a JSON web token',
    'generic.jwt',
    json({ alg: 'HS256', typ: 'JWT' }),
    '.',
    json({ iss: of(hex, 32) }),
    '.',
    of(url, 43),
  ],
]

const places = [
  (value: string) => `API_TOKEN=${value}\nNEXT=1`,
  (value: string) => `{"token": "${value}", "user": 1}`,
  (value: string) => `service:\n  thing: ${value}\n`,
  (value: string) => `https://host.example.org/path?x=${value}&y=1`,
  (value: string) => `const client = connect('${value}', 3)`,
  (value: string) => `Yesterday I used ${value}, and then it stopped.`,
  (value: string) => `$ curl -H "Authorization: Bearer ${value}" localhost`,
  (value: string) => `first line\\n${value}\\nlast line`,
]

test('there are 40 of them and more', () => {
  expect(vectors.length).toBeGreaterThanOrEqual(40)
})

test.each(vectors)('%s: %s', (_, id, ...pieces) => {
  const value = pieces.join('')
  for (const place of places) {
    const text = place(value)
    const found = scan(text)
    expect([text, found.filter((each) => each.recogniser === `secret.${id}`).map((each) => each.text)]).toEqual([
      text,
      [value],
    ])
    expect(found.every((each) => value.includes(each.text))).toBe(true)
  }
})

test.each([
  ['npm, as its announcement has it', 'npm', '_', 'qkJaB6MffYVzZXWqmcoF49yrUxP3wf', '0LsakP'],
  ['NIP-19', 'nsec', '1', 'vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5'],
])('check digits that a vendor published hold: %s', (_, ...pieces) => {
  const value = pieces.join('')
  expect(scan(`x ${value} y`)).toContainEqual(expect.objectContaining({ text: value, isValidated: true, score: 1 }))
  const last = value.endsWith('5') ? '6' : '5'
  const wrong = `${value.slice(0, -1)}${last}`
  expect(scan(`x ${wrong} y`)).toContainEqual(expect.objectContaining({ text: wrong, isValidated: false }))
  expect(scan(`x ${wrong} y`).some((each) => each.isValidated)).toBe(false)
})

test('the address of a webhook stays readable, its secret does not', () => {
  const secret = ['T', of(upper, 9), '/B', of(upper, 9), '/', of(b62, 24)].join('')
  const hook = ['https://hooks.slack', '.com/services/', secret].join('')
  expect(scan(`post to ${hook} please`).map((each) => each.text)).toContain(secret)
  const other = [of('123456789', 18), '/', of(url, 68)].join('')
  expect(scan(['https://discord', '.com/api/webhooks/', other].join('')).map((each) => each.text)).toContain(other)
})

const body = (lines: number) => Array.from({ length: lines }, () => of(std, 64)).join('\n')

test.each([
  ['RSA', 'RSA PRIVATE KEY', `MIIE${of(std, 60)}\n${body(20)}`],
  ['PKCS 8', 'PRIVATE KEY', `MIIE${of(std, 60)}\n${body(3)}`],
  ['PKCS 8 with a password', 'ENCRYPTED PRIVATE KEY', `MIIF${of(std, 60)}\n${body(3)}`],
  ['elliptic', 'EC PRIVATE KEY', `MHcC${of(std, 60)}\n${body(1)}`],
  ['OpenSSH', 'OPENSSH PRIVATE KEY', `${btoa('openssh-key-v1\0')}${of(std, 44)}\n${body(5)}`],
  ['PGP', 'PGP PRIVATE KEY BLOCK', `Version: GnuPG v2\n\nlQOY${of(std, 60)}\n${body(30)}\n=${of(std, 4)}`],
  ['RSA with a password', 'RSA PRIVATE KEY', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES,0A\n\n${body(9)}`],
  ['of 60 KB', 'RSA PRIVATE KEY', `MIIE${of(std, 60)}\n${body(930)}`],
])('a private key (%s) is taken whole, also on one line with escapes, and quoted', (_, title, inside) => {
  const key = `${dashes}BEGIN ${title}${dashes}\n${inside}\n${dashes}END ${title}${dashes}`
  expect(keysIn(`here:\n${key}\nthanks`)).toEqual([key])
  const escaped = key.replaceAll('\n', '\\n')
  expect(keysIn(`{"private_key": "${escaped}\\n", "id": 1}`)).toEqual([escaped])
})

test('a private key that was cut off is taken as far as it goes', () => {
  const key = `${dashes}BEGIN PRIVATE KEY${dashes}\nMIIE${of(std, 60)}\n${body(4)}`
  expect(keysIn(`${key}\n\nThat is all that I have.`)).toEqual([key])
})

test.each([
  ['a certificate', `${dashes}BEGIN CERTIFICATE${dashes}\n${body(9)}\n${dashes}END CERTIFICATE${dashes}`],
  ['a public key', `${dashes}BEGIN PUBLIC KEY${dashes}\n${body(3)}\n${dashes}END PUBLIC KEY${dashes}`],
  ['the first line alone', `if (text.includes('${dashes}BEGIN PRIVATE KEY${dashes}')) return true`],
  ['a key to fill in', `${dashes}BEGIN PRIVATE KEY${dashes}\n...\n${dashes}END PRIVATE KEY${dashes}`],
  ['a public SSH key', `ssh-ed25519 AAAA${of(std, 64)} ada@laptop`],
])('%s is no private key', (_, text) => {
  expect(scan(text)).toEqual([])
})

test('the private half of a key of PuTTY is taken, the public one is not', () => {
  const lines = body(3)
  const file = `PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 1\n${of(std, 64)}\nPrivate-Lines: 3\n${lines}\nPrivate-MAC: 0a`
  expect(scan(file).map((each) => each.text)).toEqual([lines])
})

test('an encrypted JSON web token is one, what only begins like one is none', () => {
  const head = json({ alg: 'dir', enc: 'A128GCM' })
  const token = [head, '', of(url, 16), of(url, 40), of(url, 22)].join('.')
  expect(scan(`t ${token} t`).map((each) => each.text)).toContain(token)
  expect(scan(`file ${['eyJ', 'ust', 'Text'].join('')}.name.txt`)).toEqual([])
})

function keysIn(text: string): readonly string[] {
  return scan(text).flatMap((each) => (each.recogniser === 'secret.key.pem' ? [each.text] : []))
}

function scan(text: string) {
  const view: View = {
    kind: 'raw',
    text,
    lower: text.toLowerCase(),
    rawStart: (index) => index,
    rawEnd: (index) => index,
  }
  return scanner.scan(view).map((hit) => ({ ...hit, text: text.slice(hit.start, hit.end) }))
}
