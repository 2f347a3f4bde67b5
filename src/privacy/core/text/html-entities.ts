/** Names of characters that stand in addresses, numbers and names; HTML has two thousand more that do not. */
const names =
  'amp & lt < gt > quot " apos \' nbsp \u00a0 commat @ period . sol / colon : semi ; comma , hyphen - dash - lowbar _ num # ' +
  'plus + equals = percnt % excl ! quest ? ast * lpar ( rpar ) lsqb [ rsqb ] lbrack [ rbrack ] dollar $ bsol \\ Tab \t ' +
  'shy \u00ad ndash \u2013 mdash \u2014 lsquo \u2018 rsquo \u2019 ldquo \u201c rdquo \u201d zwnj \u200c zwj \u200d ensp \u2002 emsp \u2003 thinsp \u2009 ' +
  'auml ä ouml ö uuml ü Auml Ä Ouml Ö Uuml Ü szlig ß eacute é Eacute É egrave è Egrave È ecirc ê Ecirc Ê euml ë ' +
  'aacute á Aacute Á agrave à Agrave À acirc â atilde ã aring å Aring Å aelig æ AElig Æ ccedil ç Ccedil Ç iacute í ' +
  'Iacute Í igrave ì icirc î iuml ï ntilde ñ Ntilde Ñ oacute ó Oacute Ó ograve ò ocirc ô otilde õ oslash ø Oslash Ø ' +
  'oelig œ OElig Œ uacute ú Uacute Ú ugrave ù ucirc û yacute ý yuml ÿ scaron š Scaron Š zcaron ž ccaron č lstrok ł'

const table: ReadonlyMap<string, string> = new Map(pairsOf(names.split(' ')))

function pairsOf(words: readonly string[]): readonly (readonly [string, string])[] {
  return words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? ''] as const] : []))
}

/** null: it is no name that is known here. */
export function entityOf(name: string): string | null {
  return table.get(name) ?? null
}
