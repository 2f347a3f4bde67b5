import type { Recogniser } from '../../words.ts'
import { assignmentRecogniser } from './assignments.ts'
import { blockRecognisers } from './blocks.ts'
import { compileFormat } from './compile.ts'
import { foreignNameRecogniser } from './foreign-names.ts'
import { secretFormats } from './formats.ts'
import { headerRecognisers } from './headers.ts'
import { discordRecogniser, jwtRecogniser } from './structured-tokens.ts'
import { opaqueRecogniser } from './opaque.ts'
import { shellRecognisers } from './shell.ts'
import { urlRecogniser } from './urls.ts'

/** Everything that knows a secret: the published forms of vendors, keys in files, and what is called a secret. */
export const secretRecognisers: readonly Recogniser[] = [
  ...secretFormats.map(compileFormat),
  ...blockRecognisers,
  jwtRecogniser,
  discordRecogniser,
  ...headerRecognisers,
  ...shellRecognisers,
  urlRecogniser,
  assignmentRecogniser,
  foreignNameRecogniser,
  opaqueRecogniser,
]
