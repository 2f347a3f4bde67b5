import type { Command } from '../command.ts'
import { departures, policy, scopes, shred, status } from '../privacy/house.ts'
import { lists } from '../privacy/lists.ts'
import { evaluate, leakTest } from '../privacy/proofs.ts'

export const privacyCommand: Command = {
  name: 'privacy',
  summary: 'tell what leaves the house and how, and prove it',
  details: 'Identifiers are replaced before text leaves for a cloud. It is identifier protection, not anonymisation.',
  run: status,
  subcommands: [
    { name: 'status', summary: 'whether identifiers and names are found, and whether anything can leave', run: status },
    {
      name: 'lists',
      summary: 'show or change who belongs to this house, what must never leave, what is left alone',
      details:
        'Needs scope admin. --set reads a JSON file with directory, deny and allow;\nwhat it does not name stays.',
      options: [
        { name: 'person', kind: 'list', value: 'NAME', summary: 'add somebody to the directory' },
        { name: 'host', kind: 'list', value: 'NAME', summary: 'add a machine to the directory' },
        { name: 'deny', kind: 'list', value: 'TEXT', summary: 'add what must never leave' },
        { name: 'deny-pattern', kind: 'list', value: 'RE2', summary: 'add an expression for what must never leave' },
        { name: 'allow', kind: 'list', value: 'TEXT', summary: 'add what is left alone' },
        { name: 'remove', kind: 'list', value: 'TEXT', summary: 'take something off every list' },
        { name: 'set', kind: 'text', value: 'FILE', summary: 'take the lists of a JSON file' },
      ],
      examples: ['hearth privacy lists --person "Ann Lee" --deny "Project Falcon"'],
      run: lists,
    },
    {
      name: 'scopes',
      summary: 'list whose values can be put back, and until when',
      options: [
        { name: 'limit', short: 'n', kind: 'number', value: 'N', min: 1, max: 1000, summary: 'so many; default 20' },
      ],
      run: scopes,
    },
    {
      name: 'shred',
      summary: 'destroy a scope: nobody can put its values back',
      positionals: [{ name: 'ID' }],
      options: [{ name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' }],
      run: shred,
    },
    {
      name: 'departures',
      summary: 'list what left for clouds, or was refused: counts and types, never values',
      options: [
        { name: 'limit', short: 'n', kind: 'number', value: 'N', min: 1, max: 1000, summary: 'so many; default 20' },
        { name: 'to', kind: 'text', value: 'UPSTREAM', summary: 'only what was for this upstream' },
        { name: 'verdict', kind: 'text', value: 'VERDICT', choices: ['sent', 'refused'], summary: 'only these' },
        { name: 'cursor', kind: 'text', value: 'CURSOR', summary: 'the page after the one that ended with this' },
      ],
      run: departures,
    },
    {
      name: 'policy',
      summary: 'show the policies in words, or set one at run time',
      positionals: [{ name: 'NAME', isOptional: true }],
      options: [
        { name: 'set', kind: 'text', value: 'JSON', summary: 'what it says; everything else has its safe value' },
      ],
      examples: ['hearth privacy policy', `hearth privacy policy strict --set '{"names": "block", "minScore": 0.4}'`],
      run: policy,
    },
    {
      name: 'eval',
      summary: 'tell how much of a labelled set is found, type by type',
      details:
        'FILE is JSONL of {"text": …, "entities": [{"start", "end", "type"}]}.\nOf a plain text it counts what is found. Nothing is kept.',
      positionals: [{ name: 'FILE' }],
      options: [
        { name: 'policy', kind: 'text', value: 'NAME', summary: 'by this policy instead of default' },
        { name: 'python-offsets', kind: 'flag', summary: 'start and end count code points, as Python does' },
      ],
      examples: ['hearth privacy eval set.jsonl', 'hearth privacy eval access.log'],
      run: evaluate,
    },
    {
      name: 'leak-test',
      summary: 'send seeded canaries through the guard to a cloud of our own; exit 1 if one arrives',
      details: 'Needs scope admin. The same seed makes the same cases.',
      options: [
        { name: 'cases', kind: 'number', value: 'N', min: 1, max: 10_000, summary: 'so many; default 500' },
        {
          name: 'seed',
          kind: 'number',
          value: 'S',
          min: 0,
          max: 0xffff_ffff,
          summary: 'the seed of an earlier report',
        },
      ],
      run: leakTest,
    },
  ],
}
