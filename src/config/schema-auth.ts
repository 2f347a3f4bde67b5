import { z } from 'zod'
import { choice, days, duration } from './leaves.ts'

/** How people come in. */
export const auth = z.strictObject({
  registration: choice(['off', 'invite', 'open'])
    .prefault('invite')
    .describe(
      'Who may make an account at `/auth/register`: nobody, whoever has an invitation of an administrator, or ' +
        'everybody who reaches this address (with the role `user`).',
    ),
  accessToken: duration()
    .prefault('1h')
    .describe(
      'How long an access token of `/auth/login` is taken, from 1m to 24h; then the refresh token brings another.',
    ),
  refreshToken: days()
    .prefault('7d')
    .describe('How long a sign-in of a program lasts without being used. Each refresh begins it anew.'),
})
