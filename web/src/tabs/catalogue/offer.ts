import type { OfferedCatalogue } from '../../api/catalogue.ts'
import { strings } from '../../strings.ts'

export const offerWays = ['url', 'file', 'paste'] as const
type OfferWay = (typeof offerWays)[number]

export const usualAddress = 'https://models.dev/api.json'
/** As much as the house reads. */
const mostBytes = 16 * 2 ** 20

/** What somebody filled in; only what belongs to the way counts. */
export interface Offer {
  readonly way: OfferWay
  readonly url: string
  readonly file: (Pick<Blob, 'size' | 'text'> & { readonly name: string }) | null
  readonly text: string
}

type OfferRead =
  | { readonly offered: OfferedCatalogue }
  | { readonly problem: 'urlWrong' | 'fileNone' | 'noJson' | 'tooLarge' }

/** What the form offers, or the word for what is wrong with it. */
export async function offerOf({ way, url, file, text }: Offer): Promise<OfferRead> {
  if (way === 'url') {
    const address = url.trim()
    const isAddress = /^https?:\/\/\S+$/i.test(address) && URL.canParse(address)
    return isAddress ? { offered: { url: address } } : { problem: 'urlWrong' }
  }
  if (way === 'paste') return documentOf(text, strings.catalogue.renew.pasteName)
  if (file === null) return { problem: 'fileNone' }
  if (file.size > mostBytes) return { problem: 'tooLarge' }
  return documentOf(await file.text(), file.name)
}

function documentOf(text: string, name: string): OfferRead {
  if (text.length > mostBytes) return { problem: 'tooLarge' }
  try {
    return { offered: { document: JSON.parse(text) as unknown, name } }
  } catch {
    return { problem: 'noJson' }
  }
}
