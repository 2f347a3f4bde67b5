import type { Found, Place, Recogniser } from '../../words.ts'
import { isBeyondAscii } from '../beyond-ascii.ts'
import { judgeValue, readValue, type Kind } from './values.ts'

/**
 * A value whose name is written with letters beyond ASCII (`clé API : …`, `hasło: …`, `пароль: …`, `密码：…`): no literal
 * finds such a name, so that it is looked for before what could be the value.
 */
export const foreignNameRecogniser: Recogniser = {
  id: 'secret.generic.foreign-name',
  type: 'SECRET',
  trigger: { kind: 'token', min: 4, max: 160 },
  match: ({ view, start }: Place): Found | null => {
    if (!isBeyondAscii(view, start, mostBefore)) return null
    const { text } = view
    const before = text.slice(Math.max(0, start - mostBefore), start)
    for (const { kind, pattern } of names) {
      const lead = pattern.exec(before)?.[1]
      if (lead === undefined) continue
      const value = readValue(text, start - lead.length)
      const score = value === null ? 0 : judgeValue(value, kind, 'environment')
      if (value !== null && score > 0)
        return { start: value.start, end: value.end, score, isValidated: false, canonical: value.text }
    }
    return null
  },
}

const mostBefore = 64

/** The name, a few words, what joins it with its value, and what of the value is no letter or digit. */
function named({
  words,
  unspaced,
}: {
  readonly words: readonly string[]
  readonly unspaced: readonly string[]
}): RegExp {
  const name = `(?:(?:^|[^\\p{L}])(?:${words.join('|')})|${unspaced.join('|')})`
  const joint = '(?:[^\\n:=：]{0,24}[:=：]|[^\\n:=：]{0,16} (?:est|jest|är|er|это) )'
  return new RegExp(`${name}${joint}[ \\t]{0,3}${opening}[ \\t]?([^\\s\\p{L}\\p{N}"'«“„「]{0,4})$`, 'iu')
}

const opening = '["\'«“„「]?'

const names: readonly { readonly kind: Kind; readonly pattern: RegExp }[] = [
  {
    kind: 'opaque',
    pattern: named({
      words: ['clés?', 'ключ\\p{L}{0,2}', 'токен', 'κλειδί', '키'],
      unspaced: ['密[钥鑰鍵]', '秘密鍵', '令牌'],
    }),
  },
  {
    kind: 'password',
    pattern: named({
      words: [
        ...['hasł[oa]', 'lösenord(?:et)?', 'jelsz[óo]', '[şs]ifre', 'parolă', 'contraseñas?', 'mật khẩu'],
        ...['пароль', 'κωδικός', 'סיסמה', 'كلمة المرور', '비밀번호', '암호'],
      ],
      unspaced: ['密[码碼]', '口令', 'パスワード', '暗証番号', 'รหัสผ่าน'],
    }),
  },
]
