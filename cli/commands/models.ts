import type { Command, Option } from '../command.ts'
import { addModel, listFiles, listModels, listSuggestions, removeModel } from '../models/lists.ts'
import { operateModel } from '../models/operate.ts'

const yes: Option = { name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' }
const operation: readonly Option[] = [
  { name: 'dry-run', kind: 'flag', summary: 'only tell what would happen' },
  yes,
  { name: 'no-wait', kind: 'flag', summary: 'do not wait until it is done' },
]

export const modelsCommand: Command = {
  name: 'models',
  summary: 'list, load, unload, add and remove the models of this house',
  run: listModels,
  subcommands: [
    {
      name: 'list',
      summary: 'list the local models with their state',
      options: [
        {
          name: 'all',
          short: 'a',
          kind: 'flag',
          summary: 'every name that can be called, upstream models and aliases too',
        },
      ],
      run: listModels,
    },
    {
      name: 'load',
      summary: 'start a model and wait until it answers',
      positionals: [{ name: 'ID' }],
      options: operation,
      examples: ['hearth models load tiny-a --dry-run', 'hearth models load tiny-a --yes'],
      run: (call) => operateModel(call, 'load'),
    },
    {
      name: 'unload',
      summary: 'stop a model once its running answers are done',
      positionals: [{ name: 'ID' }],
      options: operation,
      run: (call) => operateModel(call, 'unload'),
    },
    {
      name: 'add',
      summary: 'add a model at run time, from a file, from Hugging Face or as a command',
      positionals: [{ name: 'ID' }],
      rest: 'COMMAND ARGUMENTS…',
      details: 'In a command, ${PORT} and ${HOST} stand for where the engine must listen; no shell reads it.',
      options: [
        { name: 'file', kind: 'text', value: 'FILE', summary: 'a GGUF file on the house’s machine' },
        { name: 'hf', kind: 'text', value: 'REPO:FILE', summary: 'a file on Hugging Face, fetched when needed' },
        { name: 'context', kind: 'number', value: 'TOKENS', min: 1, summary: 'context window' },
        { name: 'memory', kind: 'text', value: 'SIZE', summary: 'estimate of its memory, for example 4GiB' },
        {
          name: 'ttl',
          kind: 'text',
          value: 'TIME',
          summary: 'unload after so long without a request, for example 10m',
        },
      ],
      examples: [
        'hearth models add tiny-a --file ./tiny-a.gguf --ttl 10m',
        "hearth models add mine -- llama-server -m /models/m.gguf --port '${PORT}'",
      ],
      run: addModel,
    },
    {
      name: 'rm',
      summary: 'take a model away that was added at run time; its file stays',
      positionals: [{ name: 'ID' }],
      options: [yes],
      run: removeModel,
    },
    {
      name: 'files',
      summary: 'list model files found on this machine (Ollama, LM Studio, Hugging Face, Hearth)',
      run: listFiles,
    },
    { name: 'suggest', summary: 'name some models that fit the memory here', run: listSuggestions },
  ],
}
