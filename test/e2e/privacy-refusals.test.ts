/** What never goes to a cloud, whatever stands in it; and what a machine of the house gets: all that was sent. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { cloudModels, nearModel, startPrivacyHouse, type PrivacyHouse } from '../env/privacy-house.ts'
import { people, turns } from '../env/privacy-people.ts'
import { captiveModels } from '../fakes/captive-cloud/start.ts'

let all: PrivacyHouse
beforeAll(async () => {
  all = await startPrivacyHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)
beforeEach(() => {
  all.cloud.play({})
  all.cloud.captured.forget()
  all.near.captured.forget()
})

const spoken =
  'The committee met at nine and decided that nobody goes home before the old harbour lights are counted again'

interface Told {
  readonly status: number
  readonly text: string
}

async function post(path: string, body: unknown): Promise<Told> {
  const answer = await all.one.post(path, body)
  return { status: answer.status, text: await answer.text() }
}

const chat = (content: unknown, model: string = cloudModels.vendor): Promise<Told> =>
  post('/v1/chat/completions', { model, messages: [{ role: 'user', content }] })

async function transcribe(model = 'ears/whisper', more: Readonly<Record<string, string>> = {}): Promise<Told> {
  const form = new FormData()
  form.set('model', model)
  form.set('file', new File([new Uint8Array(2000)], 'meeting.wav'))
  for (const [name, value] of Object.entries(more)) form.set(name, value)
  const answer = await all.one.ask('/v1/audio/transcriptions', { method: 'POST', body: form })
  return { status: answer.status, text: await answer.text() }
}

describe('a transcript that this house made', () => {
  beforeAll(() => all.media.speak(spoken))

  test.each([
    ['whole', spoken],
    ['with other words around it', `Please sum this up:\n\n> ${spoken.toUpperCase()}!\n\nThank you.`],
    ['a part of it', spoken.split(' ').slice(4, 14).join(' ')],
  ])('is refused by a cloud with a sentence that a person understands (%s)', async (_, words) => {
    expect((await transcribe()).status).toBe(200)
    const { status, text } = await chat(words)
    expect(status).toBe(403)
    expect(text).toContain('transcripts must not leave the house as they are')
    expect(text).toContain('/scrub')
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test.each([
    ['json', {}],
    ['verbose_json', { response_format: 'verbose_json' }],
    ['text', { response_format: 'text' }],
    ['srt', { response_format: 'srt' }],
    ['stream', { stream: 'true' }],
  ])('is known in whatever form it was handed out (%s)', async (name, more) => {
    const words = `${spoken} and ${name} was what somebody said at the very end of it`
    all.media.speak(words)
    expect((await transcribe('ears/whisper', more as Record<string, string>)).status).toBe(200)
    expect((await chat(words.split(' ').slice(-12).join(' '))).status).toBe(403)
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test('is one for every key of the house', async () => {
    await transcribe()
    const body = { model: cloudModels.vendor, messages: [{ role: 'user', content: spoken }] }
    expect((await all.two.post('/v1/chat/completions', body)).status).toBe(403)
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test('goes to a machine of the house', async () => {
    await transcribe()
    expect((await chat(spoken, nearModel)).status).toBe(200)
  })

  test('goes to a cloud as what /scrub made of it', async () => {
    all.media.speak(`${spoken}, said ${people.alice} of ${people.aliceMail}`)
    const { text } = JSON.parse((await transcribe()).text) as { readonly text: string }
    const scrubbed = await post('/scrub', { text })
    expect(scrubbed.status).toBe(200)
    const { text: clean } = JSON.parse(scrubbed.text) as { readonly text: string }
    expect(clean).not.toContain(people.alice)
    expect((await chat(clean)).status).toBe(200)
    expect(all.cloud.captured.leaks([people.alice, people.aliceMail])).toEqual([])
    expect((await chat(text)).status).toBe(403)
  })
})

const picture = Buffer.from('\x89PNG\r\n\x1a\n a picture of nobody, long enough to be one').toString('base64')
const document = Buffer.from('%PDF-1.7 a letter to nobody, long enough to be one').toString('base64')
const sound = Buffer.from('RIFF a recording of nobody, long enough to be one').toString('base64')

describe('what is no text is refused by a cloud, and nothing leaves:', () => {
  const withText = (part: object) => [{ type: 'text', text: 'What is this?' }, part]
  const chatBody = (part: object) => ({ messages: [{ role: 'user', content: withText(part) }] })
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }
  const source = { type: 'base64', media_type: 'image/png', data: picture }
  const pdf = { type: 'base64', media_type: 'application/pdf', data: document }
  const messages = (block: object) => ({
    model: cloudModels.claude,
    max_tokens: 100,
    messages: [{ role: 'user', content: withText(block) }],
  })
  const responses = (part: object) => ({ input: [{ role: 'user', content: [part] }], store: false })
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] }
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source }] }
  const blob = {
    type: 'hologram',
    data: Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 89) % 256)).toString('base64'),
  }

  test.each([
    ['a picture', '/v1/chat/completions', chatBody(image)],
    [
      'the address of a picture',
      '/v1/chat/completions',
      chatBody({ type: 'image_url', image_url: { url: 'https://pictures.example.com/a.png' } }),
    ],
    [
      'a recording',
      '/v1/chat/completions',
      chatBody({ type: 'input_audio', input_audio: { data: sound, format: 'wav' } }),
    ],
    [
      'a file',
      '/v1/chat/completions',
      chatBody({ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${document}` } }),
    ],
    ['a part that nobody knows', '/v1/chat/completions', chatBody(blob)],
    ['a picture', '/v1/messages', messages({ type: 'image', source })],
    ['a document', '/v1/messages', messages({ type: 'document', source: pdf })],
    [
      'a picture that a tool found',
      '/v1/messages',
      { ...messages(image), messages: [{ role: 'user', content: 'Hi' }, use, { role: 'user', content: [result] }] },
    ],
    ['a picture', '/v1/responses', responses({ type: 'input_image', image_url: `data:image/png;base64,${picture}` })],
    [
      'a file',
      '/v1/responses',
      responses({ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${document}` }),
    ],
    [
      'a picture in a text',
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: `See data:image/png;base64,${picture}` }] },
    ],
    ['a document in a text', '/v1/completions', { prompt: `data:application/pdf;base64,${document}` }],
    ['tokens', '/v1/embeddings', { input: [1, 2, 3] }],
    ['tokens', '/v1/completions', { prompt: [[464, 2068], [7586]] }],
  ])('%s at %s', async (_, path, body) => {
    const { status, text } = await post(path, { model: cloudModels.vendor, ...body })
    expect([status, all.cloud.captured.byteCount]).toEqual([expect.any(Number), 0])
    expect([400, 403, 422]).toContain(status)
    expect(messageOf(text).length).toBeGreaterThan(20)
  })

  test('a recording to be transcribed', async () => {
    const { status, text } = await transcribe(cloudModels.vendor)
    expect([status, messageOf(text)]).toEqual([403, expect.stringContaining('Audio must not leave the house')])
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test('a picture to be changed', async () => {
    const form = new FormData()
    form.set('model', cloudModels.vendor)
    form.set('image', new File([Buffer.from(picture, 'base64')], 'alice.png'))
    form.set('prompt', 'a hat')
    const answer = await all.one.ask('/v1/images/edits', { method: 'POST', body: form })
    expect([answer.status, all.cloud.captured.byteCount]).toEqual([403, 0])
  })
})

describe('a machine of the house gets what was sent, byte by byte:', () => {
  const parts =
    `[{"type":"text","text":${JSON.stringify(turns.join(' '))}},` +
    `{"type":"image_url","image_url":{"url":"data:image/png;base64,${picture}"}}]`
  const odd =
    `{ "model" : "${nearModel}",  "messages":[{"role":"user","content":${parts}}], ` +
    '"seed": 12345678901234567890, "metadata": {"who": "\\u0041lice Brenner"} }'

  test.each([
    ['/v1/chat/completions', odd],
    [
      '/v1/responses',
      `{"input":${JSON.stringify(turns)},"model":"${nearModel}", "store" : false,"input":${JSON.stringify(turns[0])}}`,
    ],
    ['/v1/completions', `{"prompt": ${JSON.stringify(turns[2])},\n "model":"${nearModel}"}`],
    ['/v1/embeddings', `{"input":[${JSON.stringify(turns[0])}],"model":"${nearModel}"}`],
  ])('%s', async (path, body) => {
    const { status, text } = await post(path, body)
    expect([status, text]).toEqual([200, expect.any(String)])
    // Only the name of the model is that machine's own.
    expect(all.near.captured.lastBody).toBe(body.replace(nearModel, captiveModels.openai))
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test('its answer too, placeholders and all', async () => {
    const words = `${turns[0]} [EMAIL_3C3C] PERSON_4D4D_L`
    all.near.play({ behaviour: { kind: 'say', text: words }, cut: 3 })
    const asked = { model: nearModel, messages: [{ role: 'user' as const, content: 'Hi' }] }
    const { choices } = await all.one.openai.chat.completions.stream(asked).finalChatCompletion()
    expect(choices[0]?.message.content).toBe(words)
    all.near.play({})
  })

  test('nothing of it stands in the list of what left', async () => {
    await chat(turns[0], nearModel)
    const { data } = await all.house.get<{ readonly data: readonly { readonly destination: string }[] }>(
      '/v1/privacy/departures?limit=1000',
    )
    expect(data.filter(({ destination }) => destination === 'near' || destination === 'ears')).toEqual([])
  })
})

function messageOf(text: string): string {
  const { error } = JSON.parse(text) as { readonly error: { readonly message: string } }
  return error.message
}
