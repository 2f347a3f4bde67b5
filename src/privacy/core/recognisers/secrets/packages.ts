import { base62, base64url, contextual, hex, lowerAlnum, prefixed, run, uuid, type Format } from './format.ts'
import { crcProof } from './proofs.ts'

export const packageFormats: readonly Format[] = [
  prefixed('npm.token', 'npm_', run(base62, 36), { proof: crcProof(4) }),
  contextual('npm.legacy-token', ['_authtoken', 'npm_token'], ...uuid),
  // A macaroon for pypi.org, or for test.pypi.org: both names stand in it.
  prefixed('pypi.token', ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'], run(base64url, 50, 1000)),
  prefixed('rubygems.key', 'rubygems_', run(hex, 48)),
  prefixed('nuget.key', 'oy2', run(lowerAlnum, 43)),
  prefixed('crates.token', 'cio', run(base62, 32), { isCommon: true }),
  prefixed('clojars.token', 'CLOJARS_', run(hex, 60)),
  prefixed('docker.access-token', ['dckr_pat_', 'dckr_oat_'], run(base64url, 27, 32)),
  prefixed('artifactory.key', 'AKCp', run(base62, 69)),
  prefixed('artifactory.reference-token', 'cmVmdGtu', run(base62, 56)),
  contextual('artifactory.identity-token', ['jfrog', 'artifactory'], run(base62, 64)),
  prefixed(
    'packagist.token',
    ['packagist_ack_', 'packagist_acs_', 'packagist_out_', 'packagist_uut_'],
    run(hex, 60, 72),
  ),
  contextual('hexpm.key', ['hex_api_key', 'hex.pm'], run(hex, 32)),
  contextual('cloudsmith.key', ['cloudsmith'], run(hex, 40)),
  contextual('chocolatey.key', ['chocolatey'], ...uuid),
  contextual('expo.token', ['expo_token', 'expo token'], run(base64url, 40)),
  contextual('gradle.key', ['gradle_publish', 'gradle.publish'], run(base62, 32)),
]
