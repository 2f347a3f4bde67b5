import { anyHex, base62, base64url, contextual, hex, lowerAlnum, prefixed, run, uuid, type Format } from './format.ts'
import { crcProof } from './proofs.ts'

/** GitHub says that its tokens may grow to 255 characters. */
const github = (id: string, prefix: string): Format =>
  prefixed(`github.${id}`, prefix, run(base62, 36, 251), { proof: crcProof(prefix.length) })

/** GitLab's tokens of the newer kind end in `.01.` (or nothing), their length and a CRC, all in base 36. */
const gitlab = (id: string, prefix: string, length = 20): Format =>
  prefixed(`gitlab.${id}`, prefix, run('A-Za-z0-9_.-', length, 320))

export const codeHostingFormats: readonly Format[] = [
  github('personal-token', 'ghp_'),
  github('oauth-token', 'gho_'),
  github('user-token', 'ghu_'),
  github('server-token', 'ghs_'),
  github('refresh-token', 'ghr_'),
  { id: 'github.fine-grained-token', parts: ['github_pat_', run(base62, 22), '_', run(base62, 59)] },
  contextual(
    'github.legacy-token',
    ['github_token', 'gh_token', 'github token', 'github_pat', 'github oauth'],
    run(hex, 40),
  ),
  { id: 'github.app-secret', near: ['github_client_secret', 'github client secret'], parts: [run(hex, 40)] },
  gitlab('personal-token', 'glpat-'),
  gitlab('deploy-token', 'gldt-'),
  gitlab('runner-token', 'glrt-'),
  gitlab('runner-registration-token', 'glrtr-'),
  prefixed('gitlab.legacy-registration-token', 'GR1348941', run(base64url, 20)),
  { id: 'gitlab.job-token', parts: ['glcbt-', run(base62, 1, 5), ['_', '-'], run(base64url, 20, 320)] },
  gitlab('trigger-token', 'glptt-', 20),
  gitlab('feed-token', 'glft-'),
  gitlab('incoming-mail-token', 'glimt-', 25),
  gitlab('agent-token', 'glagent-', 50),
  gitlab('oauth-secret', 'gloas-', 64),
  gitlab('scim-token', 'glsoat-'),
  gitlab('feature-flag-token', 'glffct-'),
  gitlab('workspace-token', 'glwt-'),
  prefixed('gitlab.session', '_gitlab_session=', run(hex, 32), { valueFrom: 1 }),
  prefixed('bitbucket.app-password', 'ATBB', run(base62, 32)),
  prefixed('bitbucket.access-token', 'ATCTT3', run('A-Za-z0-9_=-', 60, 250)),
  contextual('bitbucket.client-secret', ['bitbucket'], run(base62, 32)),
  contextual('gitea.token', ['gitea', 'forgejo', 'codeberg'], run(hex, 40)),
  prefixed('sourcegraph.token', 'sgp_', run(anyHex, 40)),
  { id: 'sourcegraph.instance-token', parts: ['sgp_', run(base62, 5, 16), '_', run(anyHex, 40)] },
  prefixed('sonar.token', ['squ_', 'sqp_', 'sqa_'], run(hex, 40)),
  contextual('snyk.token', ['snyk'], ...uuid),
  contextual('codecov.token', ['codecov'], ...uuid),
  contextual('gitter.token', ['gitter'], run(hex, 40)),
  contextual('azure-devops.legacy-token', ['azure_devops', 'azure devops', 'azdo', 'vsts'], run(lowerAlnum, 52)),
]
