import type { Recogniser } from '../../words.ts'
import { compileFormat } from './compile.ts'
import { secretFormats } from './formats.ts'

/** Everything that knows a secret. */
export const secretRecognisers: readonly Recogniser[] = secretFormats.map(compileFormat)
