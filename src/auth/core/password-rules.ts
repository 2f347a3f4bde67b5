import { AppError } from '#kernel/errors.ts'

export const shortestPassword = 10
export const longestPassword = 256

/** Long enough, and tried first by everybody who guesses. In lower case, without blanks. */
const commonest = new Set(
  (
    'password12 password123 password1234 password12345 passw0rd123 password01 password1! mypassword mypassword1 ' +
    'passwordpassword 0123456789 1234567890 12345678910 123456789a 1234567891 0987654321 9876543210 123123123123 ' +
    '1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv zaq12wsxcde qwertyuiop qwertyuiop1 qwerty12345 qwerty1234 ' +
    'qwerty123456 asdfghjkl1 asdfghjkl; zxcvbnm123 iloveyou12 iloveyou123 iloveyou1234 letmein123 letmein1234 ' +
    'welcome123 welcome1234 welcome2024 welcome2025 welcome2026 admin12345 admin123456 administrator ' +
    'administrator1 administrator123 changeme12 changeme123 changemenow default123 football12 football123 ' +
    'baseball12 baseball123 basketball superman12 superman123 sunshine12 sunshine123 princess12 princess123 ' +
    'trustno1trustno1 michael123 jennifer123 liverpool1 manchester manchester1 master1234 monkey1234 dragon1234 ' +
    'computer12 computer123 internet12 internet123 whatever12 whatever123 starwars12 starwars123 abcdefghij ' +
    'abcdefghijk abcd123456 abcd1234567 abc123456789 abc1234567 a123456789 a1234567890 aa12345678 test123456 ' +
    'testtest12 testtest123 secret1234 secret12345 correcthorsebatterystaple hearthhearth hearth1234 hearth12345 ' +
    'hunter2hunter2 p@ssw0rd12 p@ssw0rd123 p@ssword123 pa55word123 samsung123 charlie123 qwer1234qwer'
  ).split(' '),
)

/**
 * Length above all; then not what everybody tries first, nor the person's own names, nor one letter again and again.
 * Throws an AppError that does not repeat the password.
 */
export function checkPassword(password: string, person: { readonly names: readonly (string | null)[] }): void {
  const letters = [...password].length
  if (letters < shortestPassword) throw refusal(`has ${letters} characters; at least ${shortestPassword} are needed`)
  if (letters > longestPassword) throw refusal(`has more than ${longestPassword} characters`)
  const plain = password.toLowerCase().replaceAll(/\s/g, '')
  if (commonest.has(plain)) throw refusal('is one of those that everybody tries first')
  if (new Set(plain).size < 4) throw refusal('is made of very few different characters')
  const names = person.names.flatMap((name) => (name === null ? [] : [name.toLowerCase(), name.split('@')[0] ?? '']))
  const isOwnName = names.some((name) => name.length >= 4 && plain.replaceAll(name.toLowerCase(), '').length < 4)
  if (isOwnName) throw refusal('is little more than a name of yours')
}

function refusal(what: string): AppError {
  const message = `The password ${what}. Several words that do not belong together are good; length counts most.`
  return new AppError('invalid', message, { reason: 'weak_password', param: 'password' })
}
