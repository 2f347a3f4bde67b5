import { z } from 'zod'
import { entityTypes } from '#kernel/entity-types.ts'
import { choice, count, duration, flag, share, size, text, webAddress } from './leaves.ts'

/** What leaves the house, and how: a part of the schema. */

const policyName = (example: string) =>
  text({
    what: 'a name of letters, digits, dots, dashes and underscores',
    example,
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  })

export const upstreamPrivacy = {
  privacy: policyName('strict')
    .optional()
    .describe('The policy of `privacy.policies` that text for it is scrubbed by. Not said: `default`.'),
}

const cloud = z
  .strictObject({
    text: choice(['scrub', 'raw', 'refuse'])
      .prefault('scrub')
      .describe('`scrub`: identifiers are replaced. `raw`: it goes as it is (a warning at every start).'),
    transcript: choice(['refuse', 'scrub', 'raw'])
      .prefault('refuse')
      .describe('Text that this house made of speech. What `/scrub` gave back for it counts as text.'),
    audio: choice(['refuse', 'raw']).prefault('refuse').describe('Recordings.'),
    image: choice(['refuse', 'raw']).prefault('refuse').describe('Pictures: nobody looks what is on them.'),
    file: choice(['refuse', 'raw']).prefault('refuse').describe('Files: nobody looks what is in them.'),
  })
  .prefault({})
  .describe('What may go to a cloud. What is `raw` is told at every start.')

const policy = z.strictObject({
  name: policyName('strict').describe('`default` is for every cloud that names none; it is always there.'),
  names: choice(['known-names', 'local-only', 'block'])
    .prefault('known-names')
    .describe(
      'Where no `recogniser` is configured, people are found only where the house knows them: `known-names` lets text ' +
        'go then, `local-only` keeps it in the house, `block` refuses it (422).',
    ),
  cloud,
  pass: z
    .array(choice(entityTypes))
    .max(entityTypes.length)
    .prefault([])
    .describe('Types that are left as they are, for example `URL`.'),
  urls: choice(['internal', 'all'])
    .prefault('internal')
    .describe('`internal`: addresses of this house and those with secrets in them are replaced; `all`: every one.'),
  restoreSecrets: choice(['never', 'tools', 'always'])
    .prefault('never')
    .describe('Whether a key or password is put back into an answer: nowhere, into arguments of tools, everywhere.'),
  hint: flag().prefault(true).describe('Tells the model in one sentence to copy placeholders.'),
  minScore: share().prefault(0.5).describe('How sure a recogniser must be, from 0 to 1.'),
})

const recogniser = z.strictObject({
  url: webAddress('http://127.0.0.1:5002').describe('Where it listens; in this network, never in a cloud.'),
  kind: choice(['presidio', 'gliner'])
    .prefault('presidio')
    .describe('`presidio`: its `/analyze`. `gliner`: a server that takes `text` and `labels`.'),
  timeout: duration().prefault('2s').describe('How long it may take; after that nothing leaves (503).'),
  minScore: share().prefault(0.5).describe('How sure it must be, from 0 to 1.'),
  language: text({ what: 'a language such as en or de', example: 'en', pattern: /^[a-z]{2,3}$/ })
    .prefault('en')
    .describe('The language it is asked for.'),
  entities: z
    .array(text({ what: 'the name of an entity', example: 'PERSON' }))
    .max(100)
    .prefault([])
    .describe('Names of its entities that are asked for. Empty: its own choice, or people and addresses for GLiNER.'),
})

const limits = z
  .strictObject({
    text: size().prefault('1MiB').describe('More text than this in one request for a cloud is refused (413).'),
    scrubTime: duration().prefault('1s').describe('Longer than this nobody looks for identifiers: it is refused.'),
    decoded: size().prefault('256KiB').describe('Of what is encoded (base64, hex …) and read in one request.'),
    scopes: count({ min: 1, max: 1_000_000 }).prefault(10_000).describe('Scopes whose values are held in memory.'),
    valuesPerScope: count({ min: 1, max: 1_000_000 })
      .prefault(20_000)
      .describe('Values of one scope; a request that would bring more is refused.'),
  })
  .prefault({})
  .describe('The most of everything.')

export const privacy = z.strictObject({
  policies: z
    .array(policy)
    .max(200)
    .prefault([])
    .describe('Rules for what leaves the house. One may be named `default`; what it does not say has the safe value.'),
  recogniser: recogniser
    .optional()
    .describe('A program that finds names in text (Presidio, GLiNER). Not said: names that the house knows are found.'),
  ttl: duration().prefault('30d').describe('How long what was replaced can be put back, after its last use.'),
  limits,
})
