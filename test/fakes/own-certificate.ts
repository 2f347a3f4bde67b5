import { generateKeyPairSync, sign } from 'node:crypto'

/** A certificate for these names that is its own authority, as PEM. Written by hand: a test then needs no openssl. */
export function ownCertificate(names: readonly string[]): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid(subjectName), der(0x0c, Buffer.from('Hearth test')))))
  const day = 86_400_000
  const now = Date.now()
  const signed = sequence(oid(ecdsaWithSha256))
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    signed,
    name,
    sequence(time(now - day), time(now + 2 * day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension(altNames, sequence(...names.map((each) => der(0x82, Buffer.from(each))))))),
  )
  const signature = sign('sha256', content, privateKey)
  const whole = sequence(content, signed, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines(whole.toString('base64'))}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const subjectName = [0x55, 0x04, 0x03]
const altNames = [0x55, 0x1d, 0x11]
const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, Buffer.concat(parts))
const set = (part: Uint8Array): Buffer => der(0x31, part)
const oid = (bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes))
const extension = (id: readonly number[], value: Uint8Array): Buffer => sequence(oid(id), der(0x04, value))
/** `261121094200Z` */
const time = (at: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
const lines = (text: string): string => (text.match(/.{1,64}/g) ?? []).join('\n')
