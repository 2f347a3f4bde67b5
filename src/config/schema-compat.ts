import { z } from 'zod'
import { addressRange, count, text } from './leaves.ts'

/** Listeners of their own for systems that Hearth replaces. */
export const compat = z.strictObject({
  host: text({ what: 'an address or a host name to listen on', example: '127.0.0.1' })
    .prefault('127.0.0.1')
    .describe('Where they listen. `127.0.0.1` reaches only this machine; `0.0.0.0` the whole network.'),
  ollama: count({ min: 1, max: 65_535, example: 11_434 })
    .optional()
    .describe('The port for clients of Ollama, usually 11434. Not said: none. A change takes a restart.'),
  presidio: count({ min: 1, max: 65_535, example: 5002 })
    .optional()
    .describe('The port for clients of Presidio, usually 5002. Not said: none. A change takes a restart.'),
  helix: count({ min: 1, max: 65_535, example: 8082 })
    .optional()
    .describe(
      'The port for clients of HelixFlow: its auth service, chat and models. Not said: none. A change takes a restart.',
    ),
  trust: z
    .array(addressRange())
    .prefault([])
    .describe(
      'Addresses from which no key is needed, for example `127.0.0.1` or `192.168.1.0/24`: whoever sends from there ' +
        'may use every model. Empty: a key is needed, as everywhere. A change takes a restart.',
    ),
})
