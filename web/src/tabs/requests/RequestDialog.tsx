import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { RequestDetail } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Fact, Facts as FactList } from '../../design/Facts.tsx'
import { Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { TypeCounts } from '../../design/TypeCounts.tsx'
import { strings } from '../../strings.ts'
import { duration, moment, money, number } from '../../text/format.ts'
import { whyWords } from '../../text/route-told.ts'
import { answeredBy, outcomeLooks, reasonWords } from './request-words.ts'
import { WaterfallView } from './WaterfallView.tsx'

const words = strings.requests
const detail = words.detail

interface RequestDialogProps {
  id: string
  keyNames: ReadonlyMap<string, string>
  onClose(): void
}

/** One request with everything that is known of it. */
export function RequestDialog({ id, keyNames, onClose }: RequestDialogProps) {
  // A row never changes once it is there; one that was not there yet is asked for by the button.
  const request = useQuery({ ...queries.request(id), retry: false })
  const isGone = request.error instanceof ApiError && request.error.status === 404
  return (
    <Dialog title={detail.title} onClose={onClose} place="side" isWide>
      {request.isPending ? (
        <Skeletons rows={4} />
      ) : isGone ? (
        <Notice
          tone="calm"
          action={
            <Button icon="refresh" onClick={() => void request.refetch()}>
              {strings.retry}
            </Button>
          }
        >
          <p>{detail.gone}</p>
          <p className="font-mono text-xs">{id}</p>
        </Notice>
      ) : request.isError ? (
        <ReadFailure what={detail.title} error={request.error} onRetry={() => void request.refetch()} />
      ) : (
        <Facts request={request.data} keyName={request.data.keyName ?? keyNames.get(request.data.key) ?? null} />
      )}
    </Dialog>
  )
}

function Facts({ request, keyName }: { request: RequestDetail; keyName: string | null }) {
  const { outcome, reason, trace } = request
  return (
    <div className="flex flex-col gap-6">
      <div>
        <p className={`text-lg font-semibold ${outcomeLooks[outcome]}`}>
          {words.outcomes[outcome]} · {request.status}
        </p>
        {reason !== null && (
          <p>
            {reasonWords(reason)} <span className="font-mono text-xs text-soft">{reason}</span>
          </p>
        )}
      </div>
      <section aria-labelledby="times">
        <h3 id="times" className="mb-2 font-semibold">
          {detail.times}
        </h3>
        {trace ? <WaterfallView request={request} /> : <NoTrace request={request} />}
      </section>
      <Hidden trace={trace} />
      <FactList>
        <Fact name={detail.id}>
          <span className="font-mono text-xs">{request.id}</span>
        </Fact>
        <Fact name={detail.at}>{moment(request.at, { withSeconds: true })}</Fact>
        <Fact name={detail.key}>
          {keyName !== null && <span>{keyName} </span>}
          <span className="font-mono text-xs">{request.key}</span>
        </Fact>
        <Fact name={detail.endpoint}>{request.endpoint}</Fact>
        <Fact name={detail.asked}>{request.model}</Fact>
        <Fact name={detail.by}>
          {answeredBy(request)}
          {request.upstreamModel !== null && ` · ${request.upstreamModel}`}
        </Fact>
        {trace?.route != null && <Fact name={detail.route}>{whyWords(trace.route)}</Fact>}
        <Fact name={detail.stream}>{request.isStream ? detail.yes : detail.no}</Fact>
        <Fact name={detail.usage}>{usageWords(request)}</Fact>
        <Fact name={detail.cost}>{request.costMicros === null ? detail.costUnknown : money(request.costMicros)}</Fact>
        <Fact name={detail.cache}>{detail.caches[trace?.cache ?? 'off']}</Fact>
      </FactList>
      <Bodies bodies={request.bodies} />
    </div>
  )
}

function NoTrace({ request }: { request: RequestDetail }) {
  return (
    <p className="text-sm text-soft">
      {request.ttftMs !== null && `${words.columns.first} ${duration(request.ttftMs)} · `}
      {words.columns.total} {duration(request.durationMs)}. {detail.noTrace}
    </p>
  )
}

/** What a cloud did not see of it; nothing where it did not leave. */
function Hidden({ trace }: Pick<RequestDetail, 'trace'>) {
  const note = trace?.privacy
  if (!note) return null
  const isNothing = Object.keys(note.counts).length === 0
  return (
    <section aria-labelledby="hidden" className="flex flex-col gap-2">
      <h3 id="hidden" className="font-semibold">
        {detail.hidden}
      </h3>
      <p className="text-sm">{isNothing ? detail.hiddenNothing(note.policy) : detail.hiddenLead(note.policy)}</p>
      {!isNothing && <TypeCounts counts={note.counts} label={detail.hidden} />}
      {note.names === 'known-names' && <p className="text-sm text-soft">{detail.knownNames}</p>}
    </section>
  )
}

function usageWords({ usage }: RequestDetail): string {
  const { promptTokens, completionTokens, cachedTokens } = usage
  const told = [
    promptTokens === null ? null : detail.prompt(number(promptTokens)),
    completionTokens === null ? null : detail.completion(number(completionTokens)),
    cachedTokens === null || cachedTokens === 0 ? null : detail.cached(number(cachedTokens)),
  ].filter((part) => part !== null)
  return told.length === 0 ? strings.unknown : told.join(', ')
}

function Bodies({ bodies }: { bodies: RequestDetail['bodies'] }) {
  return (
    <section aria-labelledby="bodies">
      <h3 id="bodies" className="mb-2 font-semibold">
        {detail.bodies}
      </h3>
      {bodies === null ? (
        <p className="text-sm text-soft">{detail.noBodies}</p>
      ) : (
        <div className="flex flex-col gap-4">
          <Body title={detail.request} text={bodies.request} />
          <Body title={detail.response} text={bodies.response} />
          {bodies.isCut && <p className="text-sm text-ochre">{detail.cut}</p>}
        </div>
      )}
    </section>
  )
}

function Body({ title, text }: { title: string; text: string | null }) {
  return (
    <div>
      <div className="flex items-center justify-between gap-3">
        <h4 className="text-sm text-soft">{title}</h4>
        {text !== null && <CopyButton text={text} look="quiet" />}
      </div>
      {text === null ? (
        <p className="text-sm text-soft">{detail.none}</p>
      ) : (
        <pre
          tabIndex={0}
          className="max-h-80 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs
            whitespace-pre-wrap wrap-anywhere"
        >
          {inLines(text)}
        </pre>
      )}
    </div>
  )
}

function inLines(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
