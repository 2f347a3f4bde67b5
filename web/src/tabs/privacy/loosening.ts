import { strings } from '../../strings.ts'
import { typeName } from '../../text/entity-types.ts'
import { percent } from '../../text/format.ts'
import { dataClasses, type PolicyRules, type Ruling } from './policy-form.ts'

const words = strings.privacy.edit.loosened
const looseness: Readonly<Record<Ruling, number>> = { refuse: 0, scrub: 1, raw: 2 }

/**
 * What leaves by the new rules and did not by the old ones, a sentence for each; none = nothing is loosened. Rules for
 * text count only where text leaves scrubbed: what stays has no names in it, and what leaves raw has all of them.
 */
export function loosenings(
  before: PolicyRules,
  after: PolicyRules,
  { hasRecogniser }: { readonly hasRecogniser: boolean },
): readonly string[] {
  return [
    ...dataClasses.flatMap((data) => {
      const [was, is] = [before.cloud[data], after.cloud[data]]
      if (looseness[is] <= looseness[was]) return []
      if (data === 'text') return [is === 'raw' ? words.textRaw : words.textScrub]
      if (data === 'transcript') return [is === 'raw' ? words.transcriptRaw : words.transcriptScrub]
      return [{ audio: words.audioRaw, image: words.imageRaw, file: words.fileRaw }[data]]
    }),
    ...scrubLoosenings(before, after, hasRecogniser),
    ...secretLoosenings(before, after),
  ]
}

function scrubLoosenings(before: PolicyRules, after: PolicyRules, hasRecogniser: boolean): readonly string[] {
  if (!isScrubbed(after)) return []
  // Where nothing left before, all that is let through now is new.
  const was = leavesText(before) ? before : { ...before, names: 'block' as const, pass: [], urls: 'all' as const }
  const isRaw = before.cloud.text === 'raw'
  if (isRaw) return []
  const passed = after.pass.filter((type) => !was.pass.includes(type))
  const isSurer = !leavesText(before) ? after.minScore > 0 : after.minScore > before.minScore
  return [
    ...(was.names !== 'known-names' && after.names === 'known-names'
      ? [hasRecogniser ? words.namesOutLater : words.namesOut]
      : []),
    ...(passed.length === 0 ? [] : [words.pass(passed.map(typeName).join(', '))]),
    ...(was.urls === 'all' && after.urls === 'internal' ? [words.urls] : []),
    ...(isSurer ? [words.score(percent(after.minScore))] : []),
  ]
}

function secretLoosenings(
  { restoreSecrets: was }: PolicyRules,
  { restoreSecrets: is }: PolicyRules,
): readonly string[] {
  if (is === 'always' && was !== 'always') return [words.secretsAlways]
  return is === 'tools' && was === 'never' ? [words.secretsTools] : []
}

const isScrubbed = ({ cloud }: PolicyRules) => cloud.text === 'scrub' || cloud.transcript === 'scrub'
const leavesText = ({ cloud }: PolicyRules) => cloud.text !== 'refuse' || cloud.transcript !== 'refuse'
