import { providers, search, show } from '../catalogue/look.ts'
import { reset, update } from '../catalogue/update.ts'
import type { Command } from '../command.ts'

export const catalogueCommand: Command = {
  name: 'catalogue',
  summary: 'tell which models the world has, what they cost, and which can be used here',
  details: 'SEARCH is words that all stand in the names of provider and model. Prices are dollars per million tokens.',
  positionals: [{ name: 'SEARCH', isOptional: true }],
  options: [
    { name: 'provider', kind: 'text', value: 'ID', summary: 'only of this provider' },
    { name: 'usable', kind: 'flag', summary: 'only what your key can use now' },
    { name: 'input', kind: 'text', value: 'KINDS', summary: 'takes these in: image, or text,audio' },
    { name: 'tools', kind: 'flag', summary: 'calls tools' },
    { name: 'reasoning', kind: 'flag', summary: 'thinks before it answers' },
    { name: 'open-weights', kind: 'flag', summary: 'could run here' },
    { name: 'min-context', kind: 'number', value: 'TOKENS', min: 1, summary: 'takes in so much' },
    { name: 'max-price', kind: 'text', value: 'USD', summary: 'its answers cost no more than this' },
    { name: 'limit', short: 'n', kind: 'number', value: 'N', min: 1, max: 1000, summary: 'so many; default 50' },
    { name: 'after', kind: 'text', value: 'MODEL', summary: 'the page after the one that ended with this' },
  ],
  examples: [
    'hearth catalogue "llama 70b" --tools',
    'hearth catalogue --usable --max-price 1',
    'hearth catalogue show groq/llama-3.3-70b-versatile',
    'hearth catalogue update https://models.dev/api.json',
  ],
  run: search,
  subcommands: [
    {
      name: 'show',
      summary: 'show one model, and why it can be used or not',
      positionals: [{ name: 'PROVIDER/MODEL' }],
      run: show,
    },
    {
      name: 'providers',
      summary: 'list the providers: where their keys are kept, and who is set up for them',
      positionals: [{ name: 'SEARCH', isOptional: true }],
      run: providers,
    },
    {
      name: 'update',
      summary: 'take another catalogue: shows what would be new, gone or at another price, then asks',
      details: 'Needs scope admin. A document that is wrong anywhere is refused whole.',
      positionals: [{ name: 'FILE|URL' }],
      options: [
        { name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' },
        { name: 'dry-run', kind: 'flag', summary: 'only show what would change' },
      ],
      run: update,
    },
    {
      name: 'reset',
      summary: 'go back to the catalogue that came with Hearth',
      options: [{ name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' }],
      run: reset,
    },
  ],
}
