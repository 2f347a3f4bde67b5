import { readingsHolding } from '../../env/privacy-readings.ts'
import type { RawRequest } from '../raw-http.ts'

/** Every byte that reached a socket, and the requests that they were. */
export class Captured {
  #connections = new Map<number, Uint8Array[]>()
  #requests: RawRequest[] = []

  bytes(connection: number, bytes: Uint8Array): void {
    const pieces = this.#connections.get(connection) ?? []
    pieces.push(Uint8Array.from(bytes))
    this.#connections.set(connection, pieces)
  }

  request(request: RawRequest): void {
    if (request.method !== 'GET' || !request.path.startsWith('/v1/models')) this.#requests.push(request)
  }

  /** All but the questions for the list of models. */
  get requests(): readonly RawRequest[] {
    return this.#requests
  }

  /** The last request's body. */
  get lastBody(): string {
    return Buffer.from(this.#requests.at(-1)?.body ?? []).toString()
  }

  /** How many bytes came; questions for the list of models, which the house asks by itself, are none. */
  get byteCount(): number {
    const wire = [...this.#connections.values()].flat()
    return wire.reduce((sum, piece) => sum + (isListQuestion(piece) ? 0 : piece.length), 0)
  }

  /** From here on as if nothing had come; connections that are open go on. */
  forget(): void {
    this.#connections = new Map()
    this.#requests = []
  }

  /** What came over the wire, connection after connection, and once more the bodies without their chunks. */
  all(): Buffer {
    const wire = [...this.#connections.values()].flat()
    const bodies = this.#requests.flatMap(({ body }) => [Buffer.from('\n'), body])
    return Buffer.concat([...wire, ...bodies])
  }

  /** In which encodings the value is in there; empty: in none. */
  holds(value: string): readonly string[] {
    return readingsHolding(this.all(), value)
  }

  /** Which of these values are in there, with their encodings; for a test that expects none. */
  leaks(values: readonly string[]): readonly string[] {
    const all = this.all()
    return values.flatMap((value) => readingsHolding(all, value).map((encoding) => `${value} (${encoding})`))
  }
}

const isListQuestion = (bytes: Uint8Array): boolean =>
  /^GET \/v1\/models(\?limit=\d+)? HTTP\/1\.1\r\n([^\r\n]+\r\n)*\r\n$/.test(Buffer.from(bytes).toString('latin1'))
