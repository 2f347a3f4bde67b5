import type { DataClass } from '#kernel/words.ts'
import type { PrivacyPolicy } from '../contract.ts'

/** What becomes of a request for a cloud. */
export type Ruling =
  | { readonly kind: 'scrub' }
  /** As it is, because an admin's policy says so. */
  | { readonly kind: 'raw' }
  /** `message`: for whoever asked. */
  | { readonly kind: 'refuse'; readonly message: string }

/**
 * May this data go to a cloud? Denied by default: audio, transcripts, images and files stay, text is scrubbed. Of
 * several classes the strictest decides. A body that nobody named, or that was named metadata, is taken for text.
 */
export function ruleOn(ask: {
  /** The upstream, for the sentence. */
  readonly name: string
  readonly data: readonly DataClass[]
  readonly hasBody: boolean
  readonly policy: PrivacyPolicy
}): Ruling {
  const { name, policy } = ask
  const isUnnamed = ask.data.length === 0 || (ask.hasBody && ask.data.every((data) => data === 'metadata'))
  const data: readonly DataClass[] = isUnnamed ? ['text'] : ask.data
  const refused = strictestFirst.find((kind) => data.includes(kind) && policy.cloud[kind] === 'refuse')
  if (refused !== undefined) return { kind: 'refuse', message: sentences[refused](name) }
  const isText = data.some((kind) => kind === 'text' && policy.cloud.text === 'scrub')
  const isTranscript = data.some((kind) => kind === 'transcript' && policy.cloud.transcript === 'scrub')
  // Beside a picture that may go stands text, and what is only metadata has an address that can hold words.
  return isText || isTranscript || !data.includes('text') ? { kind: 'scrub' } : { kind: 'raw' }
}

const strictestFirst = ['audio', 'transcript', 'image', 'file', 'text'] as const

const sentences: Readonly<Record<(typeof strictestFirst)[number], (name: string) => string>> = {
  audio: (name) => stays('Audio', name),
  transcript: (name) =>
    `This text is a transcript of a recording, and transcripts must not leave the house as they are: the upstream ` +
    `${name} is a cloud. Use a local model for it, or send what \`POST /scrub\` makes of it.`,
  image: (name) => stays('An image', name),
  file: (name) => stays('A file', name),
  text: (name) =>
    `Text must not leave the house, and the upstream ${name} is a cloud: use a local model, declare the upstream ` +
    `\`locality: lan\` if it stands in your network, or let its policy scrub text (\`egress: { cloudText: scrub }\`).`,
}

function stays(what: string, name: string): string {
  return `${what} must not leave the house, and the upstream ${name} is a cloud: use a local model for it.`
}
