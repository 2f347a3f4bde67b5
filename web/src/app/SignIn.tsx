import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { isSignedOut } from '../api/client.ts'
import { Button } from '../design/Button.tsx'
import { CopyButton } from '../design/CopyButton.tsx'
import { TextField } from '../design/Field.tsx'
import { HearthMark } from '../design/Icon.tsx'
import { Notice, wordsOf } from '../design/Notice.tsx'
import { strings } from '../strings.ts'
import { accountWords } from '../words/accounts.ts'
import { LinkForm, PersonForm } from './PersonForm.tsx'
import type { SignedOutWhy } from './session.ts'
import { usePage } from './page-state.ts'
import { useStore } from './store.ts'

const keyShape = /^hk-[a-z0-9]{12}-[0-9a-f]{48}$/

const words: Readonly<Record<Exclude<SignedOutWhy, 'never'>, { tone: 'calm' | 'watch'; text: string }>> = {
  expired: { tone: 'watch', text: strings.signIn.expired },
  signedOut: { tone: 'calm', text: strings.signIn.signedOut },
  ticketUsed: { tone: 'watch', text: strings.signIn.ticketUsed },
}

/** The door of the house, drawn as the arch of a hearth. */
export function SignIn() {
  const page = usePage()
  const why = useStore(page.session.why)
  const link = useStore(page.session.link)
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <div className="w-full max-w-md overflow-hidden rounded-t-[14rem] rounded-b-lg border border-line bg-panel shadow-lift">
        <div className="flex flex-col items-center px-6 pt-14 pb-2 text-center">
          <HearthMark size={72} />
          <h1 className="mt-4 text-2xl font-semibold">{strings.product}</h1>
          <p className="mt-1 text-soft">{strings.signIn.lead}</p>
        </div>
        <div className="flex flex-col gap-5 px-6 pt-4 pb-6 sm:px-8">
          {why !== 'never' && (
            <Notice tone={words[why].tone} isLive>
              {words[why].text}
            </Notice>
          )}
          {link === null ? <Forms /> : <LinkForm link={link} />}
          <div className="border-t border-line pt-4 text-sm text-soft">
            <p>{strings.signIn.ticketHint}</p>
            <div className="mt-2 flex items-center justify-between gap-2 rounded-md bg-sunken pl-3">
              <code className="font-mono text-ink">{strings.signIn.ticketCommand}</code>
              <CopyButton text={strings.signIn.ticketCommand} look="quiet" />
            </div>
          </div>
        </div>
      </div>
    </main>
  )
}

/** A key first: it is what every house has. */
function Forms() {
  const [isPerson, setIsPerson] = useState(false)
  return (
    <>
      {isPerson ? <PersonForm /> : <KeyForm />}
      <Button look="quiet" onClick={() => setIsPerson(!isPerson)}>
        {isPerson ? accountWords.withKey : accountWords.withPassword}
      </Button>
    </>
  )
}

function KeyForm() {
  const { session } = usePage()
  const [key, setKey] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const signIn = useMutation({
    mutationFn: (given: string) => session.signIn(given),
    onError: (thrown) => setProblem(isSignedOut(thrown) ? strings.signIn.wrongKey : wordsOf(thrown)),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const given = key.trim()
    if (given === '') setProblem(strings.signIn.empty)
    else if (!keyShape.test(given)) setProblem(strings.signIn.notAKey)
    else signIn.mutate(given)
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3" noValidate>
      <TextField
        label={strings.signIn.keyLabel}
        hint={strings.signIn.keyHint}
        problem={problem}
        type="password"
        name="key"
        autoComplete="current-password"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={strings.signIn.keyPlaceholder}
        value={key}
        onChange={(event) => {
          setKey(event.target.value)
          setProblem(null)
        }}
      />
      <Button type="submit" look="main" isBusy={signIn.isPending}>
        {signIn.isPending ? strings.signIn.busy : strings.signIn.submit}
      </Button>
    </form>
  )
}
