import { strings } from '../../strings.ts'
import { bytes } from '../../text/format.ts'

const words = strings.chat.pictures
const types: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
export const pictureTypes = [...types].join(',')
export const mostPictures = 8
const largestFile = 32 * 2 ** 20
/** Vision models look at less than this; a phone's photo would be ten times the upload for the same answer. */
const longestEdgePx = 2_048
const smallFile = 1_500_000
const jpegQuality = 0.88

export type PictureOutcome =
  | { readonly kind: 'picture'; readonly url: string }
  | { readonly kind: 'problem'; readonly message: string }

/** Reads a file as a `data:` address. What is large in bytes or edges is drawn anew, smaller. */
export async function readPicture(file: File): Promise<PictureOutcome> {
  if (!types.has(file.type)) return { kind: 'problem', message: words.notAPicture(file.name) }
  if (file.size > largestFile) return { kind: 'problem', message: words.tooLarge(file.name, bytes(largestFile)) }
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    return { kind: 'problem', message: words.unreadable(file.name) }
  }
  try {
    const isSmall = file.size <= smallFile && Math.max(bitmap.width, bitmap.height) <= longestEdgePx
    const url = isSmall ? await addressOf(file) : drawSmaller(bitmap)
    return url === null ? { kind: 'problem', message: words.unreadable(file.name) } : { kind: 'picture', url }
  } finally {
    bitmap.close()
  }
}

/** Files are being dragged, not words: those go where they are dropped, as everywhere. */
export function holdsFiles(transfer: Pick<DataTransfer, 'types'>): boolean {
  return transfer.types.includes('Files')
}

/** The pictures among what was pasted. */
export function picturesIn(transfer: Pick<DataTransfer, 'files'> | null): readonly File[] {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith('image/'))
}

function drawSmaller(bitmap: ImageBitmap): string | null {
  const scale = Math.min(1, longestEdgePx / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const context = canvas.getContext('2d')
  if (!context) return null
  // JPEG has no transparency: what shines through is paper.
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return canvas.toDataURL('image/jpeg', jpegQuality)
}

function addressOf(file: File): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : null))
    reader.addEventListener('error', () => resolve(null))
    reader.readAsDataURL(file)
  })
}
