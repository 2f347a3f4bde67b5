/**
 * A small real engine: speaks the HTTP that llama-server speaks (health, models, chat, completions, embeddings,
 * rerank), takes the same flags, asks for the bearer token of HEARTH_ENGINE_TOKEN, refuses what a real one refuses.
 * Every answer names the model it was started with: a wrong-model answer shows. Flags for misbehaviour:
 *   --load-ms N         answers 503 {"status":"loading","progress"} for so long
 *   --never-ready       stays at 503
 *   --crash-at-load     writes a reason to stderr and exits 1 while loading
 *   --crash-on WORD     exits 139 when a prompt holds WORD
 *   --crash-after-ms N  exits 139 by itself
 *   --no-token-asked    does not ask for the token
 *   --ballast-mib N     really uses that much memory
 *   --ignore-sigterm    has to be killed
 *   --chatter N         writes N lines at the start
 *   --spawn             starts a grandchild that sleeps
 *   --slow-ms N         takes that long for an answer
 *   --wrong-name        lists another model than it was asked to be
 *   --hang-after N      answers N generations (the proof is the first), then none: alive and silent, SIGTERM included
 *   --mute-proof        answers 500 to every generation
 * A model file that does not begin with "GGUF" is refused as llama.cpp refuses it.
 */
const flags = parseFlags(process.argv.slice(2))
const alias = text('--alias') ?? 'fake'
const parallel = number('--parallel') ?? 1
const loadMs = number('--load-ms') ?? 0
let inFlight = 0
let mostInFlight = 0
let generationsLeft = number('--hang-after') ?? Infinity

for (let n = 0; n < (number('--chatter') ?? 0); n++) say(`chatter line ${n}`)
await refuseBadFile(text('--model'))
if (flags.has('--crash-at-load')) {
  complain('llama_model_load: error loading model: tensor "blk.0.attn_q.weight" is truncated')
  process.exit(1)
}
if (flags.has('--ignore-sigterm') || flags.has('--hang-after')) process.on('SIGTERM', () => say('SIGTERM is ignored'))
if (flags.has('--spawn'))
  Bun.spawn(['sleep', '1000'], { env: { ...process.env }, stdio: ['ignore', 'inherit', 'inherit'] })
const ballast = new Uint8Array((number('--ballast-mib') ?? 0) * 2 ** 20).fill(1)
const crashAfterMs = number('--crash-after-ms')
if (crashAfterMs !== null) setTimeout(() => crash('by itself'), crashAfterMs)

// Counted from the first moment that anybody could ask: a busy machine must not skip the phase.
const startedAt = performance.now()
const server = Bun.serve({
  hostname: text('--host') ?? '127.0.0.1',
  port: number('--port') ?? 0,
  development: false,
  idleTimeout: 0,
  fetch: answer,
})
say(`listening on ${server.port}, ${ballast.length} bytes of ballast`)

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const loadedShare = loadMs === 0 ? 1 : Math.min(1, (performance.now() - startedAt) / loadMs)
  const isLoading = flags.has('--never-ready') || loadedShare < 1
  if (pathname === '/health') {
    if (!isLoading) return Response.json({ status: 'ok' })
    return Response.json(
      { status: 'loading', progress: flags.has('--never-ready') ? null : loadedShare },
      { status: 503 },
    )
  }
  if (!isAllowed(request)) return problem(401, 'Invalid API Key', 'authentication_error')
  if (isLoading) return problem(503, 'Loading model', 'unavailable_error')
  if (pathname === '/v1/models') {
    const id = flags.has('--wrong-name') ? 'somebody-else' : alias
    return Response.json({ object: 'list', data: [{ id, object: 'model', created: 0, owned_by: 'fake' }] })
  }
  if (pathname === '/environment') return Response.json({ ...process.env })
  if (pathname === '/stats') return Response.json({ inFlight, mostInFlight, pid: process.pid, ballast: ballast[0] })
  if (request.method !== 'POST') return problem(404, 'File Not Found', 'not_found_error')
  if (generationsLeft-- <= 0) return new Promise(() => {})
  inFlight++
  mostInFlight = Math.max(mostInFlight, inFlight)
  try {
    // A real server queues; a permit too many is what this fake is there to notice.
    if (inFlight > parallel) return problem(503, `more than ${parallel} at once`, 'unavailable_error')
    return await generate(pathname, (await request.json()) as Record<string, unknown>, request.signal)
  } catch {
    return problem(400, 'the body is not JSON', 'invalid_request_error')
  } finally {
    inFlight--
  }
}

async function generate(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<Response> {
  if (flags.has('--mute-proof')) return problem(500, 'CUDA error: out of memory', 'server_error')
  const prompt = JSON.stringify(body['messages'] ?? body['prompt'] ?? body['input'] ?? body['query'] ?? '')
  const fatal = text('--crash-on')
  if (fatal !== null && prompt.includes(fatal)) crash(`on ${fatal}`)
  const slowMs = number('--slow-ms') ?? 0
  if (slowMs > 0)
    await Promise.race([Bun.sleep(slowMs), new Promise((resolve) => signal.addEventListener('abort', resolve))])
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  const isEmbedding = flags.has('--embeddings')
  switch (path) {
    case '/v1/chat/completions': {
      if (isEmbedding || flags.has('--rerank'))
        return problem(501, 'This server does not support chat completions.', 'not_supported_error')
      if (!Array.isArray(body['messages'])) return problem(400, "'messages' is required", 'invalid_request_error')
      const message = { role: 'assistant', content: `from ${alias}` }
      return Response.json({
        id: 'x',
        object: 'chat.completion',
        model: alias,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage,
      })
    }
    case '/v1/completions':
      return Response.json({
        id: 'x',
        object: 'text_completion',
        model: alias,
        choices: [{ index: 0, text: `from ${alias}`, finish_reason: 'stop' }],
        usage,
      })
    case '/v1/embeddings':
      if (!isEmbedding)
        return problem(
          501,
          'This server does not support embeddings. Start it with `--embeddings`',
          'not_supported_error',
        )
      return Response.json({
        object: 'list',
        model: alias,
        data: [{ object: 'embedding', index: 0, embedding: [1, 0] }],
        usage,
      })
    case '/v1/rerank':
      if (!flags.has('--rerank'))
        return problem(501, 'This server does not support reranking. Start it with `--rerank`', 'not_supported_error')
      return Response.json({ model: alias, results: [{ index: 0, relevance_score: 1 }], usage })
    default:
      return problem(404, 'File Not Found', 'not_found_error')
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}

function isAllowed(request: Request): boolean {
  const token = process.env['HEARTH_ENGINE_TOKEN']
  return (
    flags.has('--no-token-asked') || token === undefined || request.headers.get('authorization') === `Bearer ${token}`
  )
}

function problem(status: number, message: string, type: string): Response {
  return Response.json({ error: { code: status, message, type } }, { status })
}

async function refuseBadFile(path: string | null): Promise<void> {
  if (path === null) return
  const file = Bun.file(path)
  const magic = (await file.exists()) ? await file.slice(0, 4).text() : null
  if (magic === 'GGUF') return
  const reason =
    magic === null ? `failed to open GGUF file '${path}'` : `invalid magic characters: '${magic}', expected 'GGUF'`
  complain(`gguf_init_from_file_impl: ${reason}\nllama_model_load_from_file_impl: failed to load model`)
  process.exit(1)
}

function crash(why: string): never {
  complain(`GGML_ASSERT(ne == n) failed: crashed ${why}`)
  process.exit(139)
}

function parseFlags(args: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [index, name] of args.entries()) {
    const next = args[index + 1]
    if (name.startsWith('--')) found.set(name, next === undefined || next.startsWith('--') ? '' : next)
  }
  return found
}

function text(name: string): string | null {
  return flags.get(name) ?? null
}

function number(name: string): number | null {
  const value = flags.get(name)
  return value === undefined ? null : Number(value)
}
