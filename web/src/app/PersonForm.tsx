import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { isSignedOut } from '../api/client.ts'
import { Button } from '../design/Button.tsx'
import { TextField } from '../design/Field.tsx'
import { wordsOf } from '../design/Notice.tsx'
import { strings } from '../strings.ts'
import { accountWords } from '../words/accounts.ts'
import { usePage } from './page-state.ts'
import type { AccountLink } from './session.ts'

/** For whoever has a user name and a password. */
export function PersonForm() {
  const { session } = usePage()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const signIn = useMutation({
    mutationFn: () => session.signInAs({ username: username.trim(), password }),
    onError: (thrown) => setProblem(isSignedOut(thrown) ? accountWords.wrong : wordsOf(thrown)),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (username.trim() === '' || password === '') setProblem(accountWords.emptyName)
    else signIn.mutate()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3" noValidate>
      <TextField
        label={accountWords.nameLabel}
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <TextField
        label={accountWords.passwordLabel}
        problem={problem}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value)
          setProblem(null)
        }}
      />
      <Button type="submit" look="main" isBusy={signIn.isPending}>
        {signIn.isPending ? strings.signIn.busy : strings.signIn.submit}
      </Button>
    </form>
  )
}

/** What an administrator's link is for: a new password, or an account of one's own. */
export function LinkForm({ link }: { link: AccountLink }) {
  const { session } = usePage()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const isInvitation = link.kind === 'invitation'
  const use = useMutation({
    mutationFn: () => session.useLink({ username: username.trim(), password }),
    onError: (thrown) => setProblem(wordsOf(thrown)),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (password === '' || (isInvitation && username.trim() === '')) setProblem(accountWords.emptyName)
    else use.mutate()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3" noValidate>
      <p className="text-soft">{isInvitation ? accountWords.joinLead : accountWords.chooseLead}</p>
      {isInvitation && (
        <TextField
          label={accountWords.nameLabel}
          hint={accountWords.nameHint}
          name="username"
          autoComplete="username"
          autoCapitalize="off"
          spellCheck={false}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
      )}
      <TextField
        label={accountWords.newPasswordLabel}
        hint={accountWords.passwordHint}
        problem={problem}
        type="password"
        name="new-password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value)
          setProblem(null)
        }}
      />
      <Button type="submit" look="main" isBusy={use.isPending}>
        {use.isPending ? accountWords.busy : isInvitation ? accountWords.join : accountWords.choose}
      </Button>
    </form>
  )
}
