import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ClientCertificate, TlsView } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { timeText } from '../format.ts'
import { answer, facts } from '../output.ts'
import { renderTable } from '../table.ts'

const mostDays = 825

export const tlsCommand: Command = {
  name: 'tls',
  summary: 'show how the house proves itself, and make devices trust it',
  run: show,
  subcommands: [
    { name: 'show', summary: 'show the listeners, the certificate and its fingerprint', run: show },
    {
      name: 'export-ca',
      summary: 'write the certificate of the house’s own authority to stdout, or to a file',
      positionals: [{ name: 'FILE', isOptional: true }],
      examples: ['hearth tls export-ca hearth-ca.crt'],
      run: exportAuthority,
    },
    {
      name: 'renew',
      summary: 'show another certificate now; open connections stay',
      run: renew,
    },
    {
      name: 'client-cert',
      summary: 'make a certificate for a client of server.mutualTls; writes NAME.crt, NAME.key and ca.crt',
      positionals: [{ name: 'NAME' }],
      options: [
        {
          name: 'days',
          kind: 'number',
          value: 'N',
          min: 1,
          max: mostDays,
          summary: 'how long it is good for; default 365',
        },
        { name: 'into', kind: 'text', value: 'FOLDER', summary: 'where the files are written; default here' },
      ],
      examples: ['hearth tls client-cert laptop --days 90'],
      run: clientCertificate,
    },
  ],
}

async function show(call: Call): Promise<ExitCode> {
  const view = await call.hearth().tls.show()
  return answer(call, view, () => describe(view, call))
}

async function renew(call: Call): Promise<ExitCode> {
  const view = await call.hearth().tls.renew()
  return answer(call, view, () => describe(view, call))
}

function describe(view: TlsView, { terminal }: Call): string {
  const listeners = renderTable<TlsView['listeners'][number]>({
    terminal,
    rows: view.listeners,
    columns: [
      { title: 'LISTENER', cell: ({ address }) => address },
      {
        title: 'TRAFFIC',
        cell: ({ kind }) => words[kind],
        style: ({ kind }) => (kind === 'http' ? 'yellow' : 'green'),
      },
    ],
  })
  const problems = view.problems.map((problem) => `${terminal.paint('yellow', 'warning')}  ${problem}`)
  const parts = [listeners, certificateText(view), authorityText(view), problems.join('\n')]
  return parts.filter((part) => part !== '').join('\n\n')
}

const words = {
  http: 'not encrypted',
  redirect: 'sends pages on to HTTPS, refuses all else',
  https: 'encrypted',
  mutual: 'encrypted, clients show a certificate',
} as const satisfies Record<TlsView['listeners'][number]['kind'], string>

function certificateText({ certificate }: TlsView): string {
  if (certificate === null) return 'There is no HTTPS: set server.tls. See docs/guides/tls.md.'
  const { subject, issuer, names, fingerprint, validUntil, renewsAt, from } = certificate
  const renewal = renewsAt === null ? 'by whoever writes its files' : `by itself, ${timeText(renewsAt)}`
  return facts([
    ['Certificate', `${subject}, from ${from === 'local' ? 'this house' : issuer}`],
    ['For', names.join(', ')],
    ['SHA-256', fingerprint],
    ['Good until', timeText(validUntil)],
    ['Renewed', renewal],
  ])
}

function authorityText({ authority }: TlsView): string {
  if (authority === null) return ''
  return facts([
    ['Authority', authority.file],
    ['SHA-256', authority.fingerprint],
    ['Good until', timeText(authority.validUntil)],
  ])
}

async function exportAuthority(call: Call): Promise<ExitCode> {
  const hearth = call.hearth()
  const certificate = await hearth.tls.authority()
  const file = call.positionals[0]
  if (call.isJson) return answer(call, { certificate }, () => '')
  if (file === undefined) {
    call.terminal.out(certificate.trimEnd())
    return exitCodes.ok
  }
  await writeNew(resolve(file), certificate, 0o644)
  call.terminal.note(`${file} is written. On the device, compare its fingerprint with "hearth tls show".`)
  return exitCodes.ok
}

async function clientCertificate(call: Call): Promise<ExitCode> {
  const name = call.positionals[0] ?? ''
  const days = call.flags.number('days')
  const folder = resolve(call.flags.text('into') ?? '.')
  const made = await call.hearth().tls.clientCertificate({ name, ...(days === null ? {} : { days }) })
  if (call.isJson) return answer(call, made, () => '')
  const files = await writeAll(made, folder)
  call.terminal.note(
    `${files.join(', ')} are written, good until ${timeText(made.validUntil)}. The key is nowhere else: keep it secret.`,
  )
  call.terminal.out(made.fingerprint)
  return exitCodes.ok
}

async function writeAll(made: ClientCertificate, folder: string): Promise<readonly string[]> {
  const base = made.name.replaceAll(' ', '-')
  await writeNew(join(folder, `${base}.key`), made.key, 0o600)
  await writeNew(join(folder, `${base}.crt`), made.certificate, 0o644)
  await writeNew(join(folder, 'ca.crt'), made.authority, 0o644, true)
  return [`${base}.key`, `${base}.crt`, 'ca.crt'].map((file) => join(folder, file))
}

/** A key that lies there already may be in use: it is not written over. */
async function writeNew(path: string, content: string, mode: number, mayReplace = false): Promise<void> {
  const file = await open(path, mayReplace ? 'w' : 'wx', mode).catch((error: { readonly code?: string }) => {
    if (error.code === 'EEXIST') throw usageError(`${path} is there already: move it away, or choose another name.`)
    throw error
  })
  try {
    await file.writeFile(content)
  } finally {
    await file.close()
  }
}
