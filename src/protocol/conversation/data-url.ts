import type { Source } from './conversation.ts'

type Data = Extract<Source, { readonly kind: 'data' }>

/** null: no data URL, or none in base64. Parameters of the media type are nobody's business here. */
export function readDataUrl(url: string): Data | null {
  if (!url.startsWith('data:')) return null
  const comma = url.indexOf(',')
  const head = url.slice('data:'.length, Math.max(comma, 0))
  if (comma < 0 || !/;\s*base64$/i.test(head)) return null
  return { kind: 'data', mediaType: head.split(';')[0] || 'application/octet-stream', data: url.slice(comma + 1) }
}

export const dataUrl = ({ mediaType, data }: Data): string => `data:${mediaType};base64,${data}`
