import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { captiveModels, startCaptiveCloud, type CaptiveCloud } from '../fakes/captive-cloud/start.ts'
import { startMediaUpstream, type MediaUpstream } from '../fakes/media-upstream.ts'
import type { Clients } from './conformance-clients.ts'
import { startHouse, type House, type HouseOptions } from './house.ts'
import { denied, directory } from './privacy-people.ts'

/** One of the house's keys, with clients that use it. */
export interface Owner extends Clients {
  readonly key: string
  readonly id: string
  ask(path: string, init?: RequestInit): Promise<Response>
  /** POST of JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
}

/**
 * A house between people and clouds. `cloud` and `claude` are two upstreams on the captive cloud; `near` is a machine
 * of the house that records everything like the cloud does; `ears` turns speech into text, in the house.
 */
export interface PrivacyHouse extends AsyncDisposable {
  readonly house: House
  readonly cloud: CaptiveCloud
  readonly near: CaptiveCloud
  readonly media: MediaUpstream
  readonly one: Owner
  readonly two: Owner
}

export interface PrivacyHouseOptions extends HouseOptions {
  /** The clouds are declared to be in the house: everything goes out as it is. For proving that the tests can see. */
  readonly isOpen?: boolean
  /** The text of members of `privacy:`, indented by two. */
  readonly privacy?: string
  /** Members of the upstream `cloud` beside its own, for example `, privacy: strict`. */
  readonly cloudMembers?: string
}

/** As callers name them. */
export const cloudModels = {
  vendor: `cloud/${captiveModels.openai}`,
  engine: `cloud/${captiveModels.engine}`,
  claude: `claude/${captiveModels.anthropic}`,
} as const
export type CloudModel = keyof typeof cloudModels
export const nearModel = `near/${captiveModels.openai}`

export async function startPrivacyHouse(options: PrivacyHouseOptions = {}): Promise<PrivacyHouse> {
  const [cloud, near, media] = await Promise.all([startCaptiveCloud(), startCaptiveCloud(), startMediaUpstream()])
  const close = async (): Promise<void> => {
    for (const each of [cloud, near, media]) await each[Symbol.asyncDispose]()
  }
  const house = await startHouse({ ...options, config: configOf(options, { cloud, near, media }) }).catch(
    async (error: unknown) => {
      await close()
      throw error
    },
  )
  const dispose = async (): Promise<void> => {
    await house[Symbol.asyncDispose]()
    await close()
  }
  try {
    if (options.isOpen !== true) await putLists(house)
    const one = await ownerOf(house, 'kitchen tablet')
    const two = await ownerOf(house, 'attic laptop')
    return { house, cloud, near, media, one, two, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

type Upstreams = Pick<PrivacyHouse, 'cloud' | 'near' | 'media'>

function configOf({ isOpen, privacy, cloudMembers = '', config = '' }: PrivacyHouseOptions, all: Upstreams): string {
  const { cloud, near, media } = all
  const { openai, engine, anthropic } = captiveModels
  const locality = isOpen === true ? 'lan' : 'cloud'
  const flow = (members: Readonly<Record<string, string>>): string =>
    Object.entries(members)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')
  const own = (members: Readonly<Record<string, string>>, more = ''): string => `  - { ${flow(members)}${more} }\n`
  const vendor = { baseUrl: `"${cloud.url}"`, apiKey: cloud.key, locality, apis: '[chat, responses]' }
  return [
    'upstreams:\n',
    own({ name: 'cloud', ...vendor, models: `[${openai}, ${engine}]` }, cloudMembers),
    own({
      name: 'claude',
      kind: 'anthropic',
      baseUrl: `"${cloud.origin}"`,
      apiKey: cloud.key,
      locality,
      models: `[${anthropic}]`,
    }),
    own({
      name: 'near',
      baseUrl: `"${near.url}"`,
      apiKey: near.key,
      locality: 'lan',
      apis: '[chat, responses]',
      models: `[${openai}]`,
    }),
    own({ name: 'ears', baseUrl: `"${media.url}"`, apiKey: media.key, locality: 'lan', models: '[whisper]' }),
    ...(privacy === undefined ? [] : [`privacy:\n${privacy}\n`]),
    config,
  ].join('')
}

/** Who belongs to the house. */
export async function putLists(house: House): Promise<void> {
  const lists = { directory, deny: [{ kind: 'text', value: denied }] }
  const answer = await house.ask('/v1/privacy/lists', { method: 'PUT', body: JSON.stringify(lists) })
  if (!answer.ok) throw new Error(`The lists were not taken: ${answer.status} ${await answer.text()}`)
}

async function ownerOf(house: House, name: string): Promise<Owner> {
  const made = await house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name }) })
  if (!made.ok) throw new Error(`No key for ${name}: ${made.status} ${await made.text()}`)
  const { key, id } = (await made.json()) as { readonly key: string; readonly id: string }
  const ask: Owner['ask'] = (path, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    return fetch(`${house.url}${path}`, { ...init, headers })
  }
  return {
    key,
    id,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    openai: new OpenAI({ baseURL: `${house.url}/v1`, apiKey: key, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: house.url, apiKey: key, maxRetries: 0 }),
  }
}
