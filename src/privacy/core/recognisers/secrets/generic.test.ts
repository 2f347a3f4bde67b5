/** Secrets that no vendor's form tells, and what only looks like them. None of the values was ever in use. */
import { describe, expect, test } from 'bun:test'
import { createScanner } from '../../detect/scan.ts'
import type { Recogniser, View } from '../../words.ts'
import { decodeBase64 } from './base64.ts'
import { entropy, isExampleToken, isStandIn, isWordy } from './randomness.ts'
import { secretRecognisers } from './secrets.ts'
import { readValue } from './values.ts'

const scanner = createScanner(secretRecognisers)
const password = ['Tr0ub', '4dor&3'].join('')
const token = ['q8Zr2LxV0p', 'Yw7NbK3mTs'].join('')
const digest = ['3f9a1c77be20d45e', '8a6b0912cd34ef56'].join('')
const id = '5b0e3c1a-9f64-4d2b-8c7e-1f2a3b4c5d6e'
const phrase = 'abandon ability able about above absent absorb abstract absurd abuse access accident'
const amazon = ['wJalrXUtnFEMI/K7MDENG', '/bPxRfiCYzzz1234567'].join('')
const basic = btoa('ada:hunter2')
const storage = `${'Ab3+'.repeat(21)}Ab==`

describe('a value that is called a secret is taken, and it alone', () => {
  test.each([
    ['a variable', `DB_PASSWORD=${password}`, password],
    ['a variable of a shell', `export DB_PASSWORD="${password}"`, password],
    ['a variable of PowerShell', `$env:API_TOKEN = "${token}"`, token],
    ['a variable of Windows', `set PASSWORD=${password}`, password],
    ['a short password in a file of settings', `PASSWORD=hunter2\nX=1`, 'hunter2'],
    ['YAML', `password: ${password}`, password],
    ['a block of YAML', `password: |\n  ${password}`, password],
    ['a list of names and values', `- name: DB_PASSWORD\n  value: ${password}`, password],
    ['JSON', `"password": "${password}",`, password],
    ['JSON in JSON', `{\\"password\\":\\"${password}\\"}`, password],
    ['properties', `spring.datasource.password=${password}`, password],
    ['TypeScript', `let token: string = "${token}"`, token],
    ['Rust', `let password: &str = "${password}";`, password],
    ['Ruby', `:password => "${password}"`, password],
    ['PHP', `[ "password" => "${password}" ]`, password],
    ['a call', `setPassword("${password}")`, password],
    ['a pair in a list', `('password', '${password}')`, password],
    ['what is used when nothing is set', `password = os.environ.get("X", "${password}")`, password],
    ['the same in JavaScript', `const token = process.env.TOKEN ?? '${token}'`, token],
    ['an element', `<password>${password}</password>`, password],
    ['an attribute', `<add key="Password" value="${password}" />`, password],
    ['an option', `tool --password ${password} run`, password],
    ['an option with =', `mysqldump --password=${password} db`, password],
    ['a file of netrc', 'machine h login ada password swordfish', 'swordfish'],
    ['Dockerfile', `ENV SECRET_KEY ${token}`, token],
    ['Redis', `requirepass ${password}`, password],
    ['SQL', `CREATE USER ada IDENTIFIED BY '${password}'`, password],
    ['Wi-Fi', `psk="${password}"`, password],
    ['a code for Wi-Fi', 'WIFI:S:Home;T:WPA;P:sommer2020;;', 'sommer2020'],
    ['a code for Wi-Fi, the password first', 'WIFI:T:WPA;P:som\\;mer20;S:Home;;', 'som\\;mer20'],
    ['a key', `api_key: "${token}"`, token],
    ['a key of hex', `X-Api-Key: ${digest}`, digest],
    ['a key that is a UUID', `client_secret=${id}`, id],
    ['a query', `GET /x?token=${token}&page=1`, token],
    ['Amazon', `AWS_SECRET_ACCESS_KEY=${amazon}`, amazon],
    ['a connection string', `Server=db;User Id=sa;Password=${password};Encrypt=true`, password],
    ['a connection string with a comma', 'Server=db;Uid=sa;Pwd=p@ss,w0rd;Database=x', 'p@ss,w0rd'],
    ['Azure', `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${storage};EndpointSuffix=x`, storage],
    ['JDBC', `jdbc:mysql://h/db?user=x&password=${password}`, password],
    ['a passphrase', 'passphrase: "correct horse battery staple"', 'correct horse battery staple'],
    ['words of a wallet', `my seed phrase: ${phrase}`, phrase],
    ['a field of CSV', `17;"DB_PASSWORD=""${password}""";3.50`, password],
    ['JSON in a field of CSV', `"{""password"":""${password}""}",x`, password],
    ['Python', `password = """${password}"""`, password],
    ['a token of two kilobytes', `token="${`${token}/`.repeat(100)}"`, `${token}/`.repeat(100)],
    ['a token of two kilobytes, in JSON in JSON', `{\\"token\\":\\"${token.repeat(100)}\\"}`, token.repeat(100)],
    ['a variable of two kilobytes', `API_TOKEN=${token.repeat(100)}; x`, token.repeat(100)],
    ['a PIN', 'PIN: 4711', '4711'],
    ['a code for one time', 'Your verification code is 482913.', '482913'],
  ])('%s', (_, text, value) => {
    expect(valuesIn(text)).toEqual([value])
  })
})

describe('in sentences of five languages and more', () => {
  test.each([
    [`The password is ${password}.`, password],
    ['the password for the router is hunter2', 'hunter2'],
    ['my password: hunter2', 'hunter2'],
    ['user: admin\npass: admin123', 'admin123'],
    ['login: ada / pw: hunter2', 'hunter2'],
    [`username / password: ada / ${password}`, password],
    [`credentials: ada / ${password}`, password],
    [`with password '${password}'`, password],
    [`the api key is ${token}`, token],
    [`API key: ${token}`, token],
    [`here is the token you wanted: ${digest}`, digest],
    ['Das Passwort für den Router lautet: Sommer2024!', 'Sommer2024!'],
    ['Kennwort: Geheim123', 'Geheim123'],
    [`Zugangsdaten: ada / ${password}`, password],
    [`API-Schlüssel: ${token}`, token],
    ['mon mot de passe est Soleil2023!', 'Soleil2023!'],
    ['la contraseña es Verano2023*', 'Verano2023*'],
    ["la parola d'ordine è Estate2023!", 'Estate2023!'],
    ['minha senha é Verao2023!', 'Verao2023!'],
    ['mijn wachtwoord is Zomer2023!', 'Zomer2023!'],
    ['haslo: Lato2023!!', 'Lato2023!!'],
    ['hasło: Lato2023!!', 'Lato2023!!'],
    [`chiave API: ${token}`, token],
    [`clé API : ${token}`, token],
    [`Voici ma clé d’API : « ${token} ».`, token],
    [`la clé secrète est ${token}`, token],
    ['lösenord: Sommar2023!', 'Sommar2023!'],
    ['пароль: !Leto2023', '!Leto2023'],
    ['我的密码是：Xiatian2023!', 'Xiatian2023!'],
  ])('%s', (text, value) => {
    expect(valuesIn(text)).toEqual([value])
  })
})

describe('in headers, cookies, addresses and commands', () => {
  test.each([
    [`Authorization: Bearer ${token}`, token],
    [`"Authorization": "Bearer ${token}"`, token],
    [`headers: { Authorization: 'Token ${token}' }`, token],
    [`use Bearer ${token} for it`, token],
    [`-H 'Authorization: Basic ${basic}'`, basic],
    [`Cookie: theme=dark; session=${token}; a=b`, token],
    [`Set-Cookie: PHPSESSID=${token}; path=/`, token],
    [`connect.sid=s%3A${token}.abc`, `s%3A${token}.abc`],
    ['postgres://ada:s3cr3t@db:5432/x', 's3cr3t'],
    ['postgresql+asyncpg://u:p/w#d?1@h/db', 'p/w#d?1'],
    [`mongodb+srv://ada:${password}@c0.mongodb.net`, password],
    [`redis://:${password}@h:6379`, password],
    ['amqp://g:guest1@mq', 'guest1'],
    [`https://ada:${password}@git.example.org/x.git`, password],
    [`https://${token}@api.example.org`, token],
    [`ftp://u:${password}@h`, password],
    [`smtp://u%40x.org:${password}@mail:587`, password],
    [`curl -u ada:${password} https://x`, password],
    [`curl --user "ada:${password}" https://x`, password],
    [`curl -uada:${password} x`, password],
    [`mysql -u root -p${password} db`, password],
    [`sshpass -p '${password}' ssh x`, password],
    [`docker login -u ada -p ${password} r.io`, password],
    [`redis-cli -h x -a ${password} ping`, password],
    ['PGPASSWORD=hunter2 psql', 'hunter2'],
  ])('%s', (text, value) => {
    expect(valuesIn(text)).toEqual([value])
  })

  test('a pair of name and password is proven by being readable', () => {
    expect(hitsIn(`Authorization: Basic ${basic}`).some((hit) => hit.isValidated)).toBe(true)
    expect(valuesIn('## Basic Operations')).toEqual([])
  })
})

describe('what stands where a secret will stand, or only has a name like one, is none', () => {
  test.each([
    ...['password: string', 'password: newPassword,', 'token: tokens.next,', 'const token = await getToken()'],
    ...['if (password === undefined)', 'password: process.env.DB_PASSWORD', 'password = "${DB_PASSWORD}"'],
    ...['PASSWORD=<your password>', 'API_KEY=your-api-key-here', 'API_KEY=YOUR_API_KEY', 'API_KEY=$API_KEY'],
    ...['password: {{ vault_password }}', 'password: !vault |', 'password: ENC[AES256]', 'password: ********'],
    ...['token: xxxxxxxxxxxxxxxx', 'token: 0000000000000000', 'secret: changeme', 'password: example1'],
    ...['password: [SECRET_7KQ2]', 'password: "[SECRET_7KQ2]"', 'password: SECRET_7KQ2', 'the token is [SECRET_7KQ2].'],
    ...['the password is required', 'The password must have 8 characters', 'forgot your password?'],
    ...['password reset link', 'the token count is 1234', 'token is invalid', 'your secret is safe'],
    ...['the key is under the mat', 'token: { type: "string" }', 'max_tokens: 4096', 'tokenizer: cl100k_base'],
    ...['"tokens": 120', 'auth: oauth2', 'author: Ada123', 'secretary: Anna2', 'passed 12 tests', 'pass 3 of 4'],
    ...['tests pass: 120', 'authority: example', 'primary key id', 'React key: row1', 'data-key="row-12"'],
    ...['password_min_length = 12', 'PASSWORD_FILE=/run/secrets/db', 'tokenUrl: https://x.org/token'],
    ...['passwordHash: bcrypt', 'password: bcrypt.hash(x)', 'private_key: id_rsa', 'dataKey: Uint8Array'],
    ...['credential: "same-origin"', "credentials: 'include'", 'salt: 16', 'password: "Choose a new password"'],
    ...['Authorization: Bearer <token>', 'Authorization: `Bearer ${token}`', 'Bearer token authentication'],
    ...[
      'clé : valeur',
      'la clé est sous le tapis 42b',
      'clé primaire : user_id1',
      'password="",',
      'password: "" # x1y2',
    ],
    ...['session=none', 'keyboard: us', 'https://example.org:8080/a@b', 'http://localhost:3000', 'git@github.com:a/b'],
    ...['postgres://user:password@host/db', 'postgres://${USER}:${PASS}@host/db', 'redis://:<password>@host'],
    ...['model: gpt-4o-mini-2024-07-18', 'PIN: see below', 'pin: 3.5 mm', 'the pinned version 4711'],
    ...['# Pass uppercase method names to httplib2, as it wants', 'the complex rule is=output_nsga2_default, or'],
    ...['curl -u https://x.org', 'mysql -u root -p db2', 'docker run -p 8080:80 x', 'mnemonic: short words only'],
  ])('%s', (text) => {
    expect(valuesIn(text)).toEqual([])
  })

  test.each([
    ['a digest', `sha256:${digest}${digest}`],
    ['a commit', `commit ${digest}3f9a1c77`],
    ['a UUID', `uuid ${id}`],
    [
      'an integrity value',
      `sha512-5uCCDNqWCNfaAm8aR/Uzxbo4HBpKgNF91kCHPepKhgMgV2OAmatoefbOlMih5uCCDNqWCNfaAm8aR/Uzxbo4==`,
    ],
    [
      'a picture',
      `data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA`,
    ],
    ['a path', 'src/privacy/core/recognisers/secrets/generic.test.ts'],
    ['a long name', 'aVeryLongNameOfAFunctionThatDoesManyThingsAtOnce2'],
  ])('%s', (_, text) => {
    expect(valuesIn(text)).toEqual([])
  })
})

describe('a run of chance that nothing names', () => {
  const run = 'Zk3vQ9xT1mB7yL5wR8cN2pJ6hD4sF0gA'
  const long = `${run}${run.split('').toReversed().join('')}`

  test('is taken when it is as long and as mixed as keys are', () => {
    expect(valuesIn(`look at ${long} here`)).toEqual([long])
    expect(valuesIn(`"${long}"`)).toEqual([long])
  })

  test('of forty characters needs a word of secrets before it, and hex always does', () => {
    const short = `${run}uXeIoVbG`
    expect(valuesIn(`my token, ${short}`)).toEqual([short])
    expect(valuesIn(`the thing ${digest}`)).toEqual([])
    expect(valuesIn(`the secret was ${digest}`)).toEqual([digest])
  })

  test('is data when it goes on, or has lines like it above and below', () => {
    expect(valuesIn(long.repeat(10))).toEqual([])
    expect(valuesIn(`${long}\n${long}\n${long}`)).toEqual([])
  })
})

test('a value ends where its surroundings say so', () => {
  const ends = (text: string) => readValue(text, 0)?.text
  expect(ends('"a b" c')).toBe('a b')
  expect(ends("'it\\'s' x")).toBe("it\\'s")
  expect(ends('\\"a\\" x')).toBe('a')
  expect(ends('a;b=c')).toBe('a')
  expect(ends('a;b c')).toBe('a;b')
  expect(ends('a&b=c')).toBe('a')
  expect(ends('abc).')).toBe('abc')
  expect(ends('f(x)')).toBe('f(x)')
  expect(ends('“a b” c')).toBe('a b')
  expect(ends('')).toBeUndefined()
  expect(ends(`"${'a'.repeat(400)}`)).toHaveLength(400)
  expect(ends(`"${'a '.repeat(400)}`)).toBe('a')
  expect(ends('a'.repeat(20_000))).toHaveLength(256 + 8192)
})

test('base64 of both alphabets is read, other text is not', () => {
  expect(decodeBase64(btoa('ada:hunter2'))).toBe('ada:hunter2')
  expect(decodeBase64('-_-_')).toBe('\xfb\xff\xbf')
  expect(decodeBase64('a b')).toBeNull()
  expect(decodeBase64('abcde')).toBeNull()
})

test('chance is told from words', () => {
  expect(entropy('aaaa')).toBe(0)
  expect(entropy('abcd')).toBe(2)
  expect(['my-token-1', 'gpt-4o-mini', 'HELLO_WORLD', 'v1.2'].every(isWordy)).toBe(true)
  expect(isWordy(token)).toBe(false)
  expect(isStandIn(token) || isExampleToken(token)).toBe(false)
})

test.each([
  ...['sk-', 'key=', 'password is ', '"token":"', 'eyJ', ' eyJ', '://a:b', 'AccountKey=', 'secret=(a1', 'Bearer a1 '],
  ...[
    'datadog ',
    'xoxb-1',
    'a1+',
    '-----BEGIN PRIVATE KEY-----',
    'mnemonic: abc ',
    'glpat-a.',
    '-- name: DB_PASSWORD\n',
  ],
])('twice as much of “%s” is twice as much work', (piece) => {
  const [once, twice] = [workOn(piece.repeat(1500)), workOn(piece.repeat(3000))]
  expect(twice.asked).toBeLessThanOrEqual(once.asked * 2 + 8)
  expect(twice.longest).toBeLessThanOrEqual(Math.max(once.longest, 1))
  // Counted for every recogniser together.
  expect(twice.asked).toBeLessThan(piece.length * 3000 * 3)
})

/** How often recognisers are asked, and how far what they find goes. */
function workOn(text: string) {
  let asked = 0
  let longest = 0
  const counting = secretRecognisers.map((recogniser): Recogniser => ({
    ...recogniser,
    match: (place) => {
      asked++
      const found = recogniser.match(place)
      if (found) longest = Math.max(longest, found.end - found.start)
      return found
    },
  }))
  createScanner(counting).scan(viewOf(text))
  return { asked, longest }
}

function valuesIn(text: string): readonly string[] {
  return [...new Set(hitsIn(text).map((hit) => text.slice(hit.start, hit.end)))]
}

function hitsIn(text: string) {
  return scanner.scan(viewOf(text))
}

function viewOf(text: string): View {
  return { kind: 'raw', text, lower: text.toLowerCase(), rawStart: (index) => index, rawEnd: (index) => index }
}
