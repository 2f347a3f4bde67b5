/** A proxy that parses the request and the answer as JSON and does nothing else. */
const upstream = `http://127.0.0.1:${Bun.argv[2]}`

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  development: false,
  async fetch(request) {
    const bytes = await request.bytes()
    JSON.parse(new TextDecoder().decode(bytes))
    const answer = await fetch(`${upstream}${new URL(request.url).pathname}`, {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'application/json' },
      decompress: false,
      signal: request.signal,
    })
    const body = await answer.bytes()
    JSON.parse(new TextDecoder().decode(body))
    return new Response(body, { status: answer.status, headers: { 'content-type': 'application/json' } })
  },
})
console.log(`listening ${server.port}`)
