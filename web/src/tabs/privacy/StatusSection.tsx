import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type PolicyView, privacyQueries, type PrivacyStatus, putPolicy } from '../../api/privacy.ts'
import { useSession } from '../../app/page-state.ts'
import { may } from '../../app/session.ts'
import { Button } from '../../design/Button.tsx'
import { Notice, ReadFailure, Skeletons, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { wireRules } from './policy-form.ts'
import { namesTold } from './names-told.ts'

const words = strings.privacy.status
/** What is wrong may be mended on the machine meanwhile; what is well has an event when it changes. */
const troubledMs = 5_000

/** What holds now, in sentences: may text leave, are names found, does the vault work. */
export function StatusSection() {
  const status = useQuery({
    ...privacyQueries.status,
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && hasTrouble(query.state.data) ? troubledMs : false),
  })
  const policies = useQuery({ ...privacyQueries.policies, staleTime: 0 })
  const error = status.error ?? policies.error
  const retry = () => void Promise.all([status.refetch(), policies.refetch()])
  if (!status.data || !policies.data)
    return error ? (
      <ReadFailure what={words.title} error={error} onRetry={retry} />
    ) : (
      <Skeletons rows={1} height="h-24" />
    )
  return (
    <section aria-label={words.title} className="flex flex-col gap-3">
      <VaultNotice lock={status.data.vault.lock} isAsking={status.isFetching} onAgain={retry} />
      <TextNotice status={status.data} policies={policies.data} isAsking={status.isFetching} onAgain={retry} />
      <p className="text-sm text-soft">
        {status.data.vault.lock === null && `${words.vaultWorks} `}
        {words.lists(
          number(status.data.lists.directory),
          number(status.data.lists.deny),
          number(status.data.lists.allow),
        )}
      </p>
    </section>
  )
}

const hasTrouble = ({ vault, recogniser }: PrivacyStatus) => vault.lock !== null || recogniser?.isReachable === false

interface AgainProps {
  isAsking: boolean
  onAgain(): void
}

function Again({ isAsking, onAgain }: AgainProps) {
  return (
    <Button icon="refresh" isBusy={isAsking} onClick={onAgain}>
      {words.again}
    </Button>
  )
}

function VaultNotice({ lock, ...again }: AgainProps & { lock: string | null }) {
  if (lock === null) return null
  return (
    <Notice tone="failed" action={<Again {...again} />}>
      <p className="font-semibold">{words.locked}</p>
      <p>{lock}</p>
      <p className="text-sm">{words.lockedMore}</p>
    </Notice>
  )
}

interface TextNoticeProps extends AgainProps {
  status: PrivacyStatus
  policies: readonly PolicyView[]
}

/** 1. The setting over all policies. 2. The recogniser. 3. Names without one. */
function TextNotice({ status, policies, ...again }: TextNoticeProps) {
  const { cloudText, recogniser } = status
  if (cloudText === 'raw')
    return (
      <Notice tone="failed">
        <p className="font-semibold">{words.raw}</p>
        <p className="text-sm">{words.rawMore}</p>
      </Notice>
    )
  if (cloudText === 'deny') return <Notice tone="calm">{words.deny}</Notice>
  if (recogniser?.isReachable === false)
    return (
      <Notice tone="failed" action={<Again {...again} />}>
        <p className="font-semibold">{words.recogniserSilent}</p>
        <p>{recogniser.detail ?? words.recogniserAt(recogniser.url)}</p>
        <p className="text-sm">{words.retryEvery}</p>
      </Notice>
    )
  if (recogniser) return <Notice tone="calm">{words.recogniser(recogniser.kind, recogniser.language)}</Notice>
  return <NamesNotice policies={policies} />
}

/** Nobody looks for names: what that means, and the strong choice in one click. */
function NamesNotice({ policies }: { policies: readonly PolicyView[] }) {
  const isAdmin = may(useSession(), 'admin')
  const client = useQueryClient()
  const keep = useMutation({
    mutationFn: async (open: readonly PolicyView[]) => {
      for (const policy of open) await putPolicy(policy.name, wireRules({ ...policy, names: 'local-only' }))
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['privacy'] }),
  })
  const told = namesTold(policies)
  if (told.kind === 'no-text') return <Notice tone="calm">{words.noText}</Notice>
  if (told.kind === 'kept')
    return (
      <Notice tone="calm">
        <p className="font-semibold">{words.namesKept}</p>
        <p className="text-sm">{words.namesKeptWhy(told.policies.join(', '))}</p>
      </Notice>
    )
  const { open, inFile } = told
  const canKeep = isAdmin && open.length > 0
  return (
    <Notice
      tone="watch"
      action={
        canKeep && (
          <Button look="main" isBusy={keep.isPending} onClick={() => keep.mutate(open)}>
            {keep.isPending ? words.keeping : words.keep}
          </Button>
        )
      }
    >
      <p className="font-semibold">{words.unknownNamesOut}</p>
      <p className="max-w-prose text-sm">{words.unknownNamesWhy([...open.map(nameOf), ...inFile].join(', '))}</p>
      {!isAdmin && <p className="text-sm">{words.keepNeedsAdmin}</p>}
      {isAdmin && inFile.length > 0 && <p className="text-sm">{words.keepInFile(inFile.join(', '))}</p>}
      {keep.error && (
        <p role="alert" className="text-sm text-garnet">
          {wordsOf(keep.error)}
        </p>
      )}
    </Notice>
  )
}

const nameOf = ({ name }: PolicyView) => name
