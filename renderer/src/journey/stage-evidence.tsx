import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DeliveryDetail, Evidence, ExchangeDetail } from '../../../core/api/schema.ts';
import { AuthChecks } from '../auth/auth-checks.tsx';
import { Transcript } from '../exchanges/transcript.tsx';
import { formatDateTime, formatDuration } from '../format.ts';
import { kindNames } from '../live-relay/live-words.ts';
import { Copy } from '../message/found-panel.tsx';
import { Credentials } from '../message/push-auth-tab.tsx';
import { requestFieldMeaning } from '../message/push-headers.ts';
import { withSearch } from '../room-search.ts';
import { wordsOfClass } from '../status/class-words.ts';
import { HeldBy } from '../status/held-by.tsx';
import { renderingOf } from './attempt-stages.ts';
import { FilterReasons } from './filter-reasons.tsx';
import { CallbackEvidence, SmsRequestEvidence } from './sms-evidence.tsx';
import type { StageEvidence as OfStage } from './stage.ts';
import classes from './stage-evidence.module.css';

/** What a stage rests on. */
export function StageEvidence({ evidence }: { readonly evidence: OfStage }) {
  switch (evidence.kind) {
    case 'submission':
      return <Submission exchange={evidence.exchange} door={evidence.door} />;
    case 'pushRequest':
      return <PushRequest {...evidence} />;
    case 'smsRequest':
      return (
        <>
          <Submission exchange={evidence.exchange} door={evidence.door} />
          <SmsRequestEvidence details={evidence.details} row={evidence.row} />
        </>
      );
    case 'callback':
      return <CallbackEvidence call={evidence.call} />;
    case 'queue':
      return <Queued delivery={evidence.delivery} />;
    case 'signatures':
      return <Signatures evidence={evidence.evidence} />;
    case 'rendering':
      return <Rendering changes={evidence.changes} />;
    case 'routing':
      return <Routing evidence={evidence.evidence} />;
    case 'attempt':
      return <AttemptEvidence {...evidence} />;
    case 'hold':
      return (
        <Facts
          facts={[
            ['Reason', evidence.reason],
            ...(evidence.heldBy === null
              ? []
              : ([
                  ['Held by', <HeldBy key="by" heldBy={evidence.heldBy} className={classes.link} />],
                ] as const)),
          ]}
        />
      );
    case 'authentication':
      return <AuthChecks authentication={evidence.authentication} />;
    case 'filter':
      return <FilterReasons report={evidence.receipt.filter} />;
    case 'facts':
      return <Facts facts={evidence.facts} />;
  }
}

export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Submission({ exchange, door }: { readonly exchange: ExchangeDetail | null; readonly door: string }) {
  if (exchange === null) return <p className={classes.note}>It came through {door}; no session was kept.</p>;
  return (
    <>
      <Facts
        facts={[
          ['Door', exchange.door],
          ['From', `${exchange.remoteAddress}:${exchange.remotePort}`],
          ['Called itself', exchange.clientName ?? 'nothing'],
          ['User', exchange.user ?? 'none'],
          ['TLS', exchange.tls === null ? 'none' : `${exchange.tls.protocol}, ${exchange.tls.cipher}`],
        ]}
      />
      <Link to="." search={(old) => withSearch(old, { tab: 'exchange' })} className={classes.link}>
        Show the whole exchange
      </Link>
    </>
  );
}

function PushRequest({ exchange, door, request }: Omit<Extract<OfStage, { kind: 'pushRequest' }>, 'kind'>) {
  return (
    <>
      <Submission exchange={exchange} door={door} />
      <h4 className={classes.title}>Request</h4>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col">What for</th>
          </tr>
        </thead>
        <tbody>
          {request.headers.map(([name, value], index) => (
            <tr key={index}>
              <td>
                <code>{name}</code>
              </td>
              <td>
                <code>{value}</code>
              </td>
              <td>{requestFieldMeaning(name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {request.credentials !== null && request.credentials.kind !== 'none' && (
        <>
          <h4 className={classes.title}>Credentials</h4>
          <Credentials credentials={request.credentials} />
        </>
      )}
    </>
  );
}

function Queued({ delivery }: { readonly delivery: DeliveryDetail }) {
  const parameters = Object.entries(delivery.parameters ?? {}).map(([name, value]) =>
    value === true ? name : `${name}=${value}`,
  );
  return (
    <Facts
      facts={[
        ['Recipient', delivery.recipient],
        ['Provider', delivery.provider ?? 'by its domain'],
        ['Stream', delivery.stream],
        ['Given up', formatDateTime(delivery.expiresAt)],
        ...(parameters.length === 0 ? [] : ([['RCPT TO said', parameters.join(' ')]] as const)),
        ...(delivery.retryOf === null ? [] : ([['Tries again', delivery.retryOf]] as const)),
        ['Delivery', delivery.id],
      ]}
    />
  );
}

function Signatures({ evidence }: { readonly evidence: Evidence }) {
  return (
    <>
      {evidence.signatures.map((signature) => (
        <div key={signature.header} className={classes.part}>
          <Facts
            facts={[
              ['Key', `${signature.selector}._domainkey.${signature.domain}`],
              ['Algorithm', signature.algorithm],
              ['Body hash', <code key="hash">{signature.bodyHash}</code>],
              ['Headers signed', signature.headersSigned.join(', ')],
            ]}
          />
          <div className={classes.code}>
            <code>{signature.header}</code>
            <Copy value={signature.header} label="Copy the signature" />
          </div>
        </div>
      ))}
      {evidence.signatures.length === 0 && <p className={classes.note}>It went out unsigned.</p>}
      <Changes changes={evidence.changes} />
    </>
  );
}

/** What the submission became for one provider; its payload as JSON. */
function Rendering({ changes }: { readonly changes: Evidence['changes'] }) {
  return changes.map(({ code, detail }) => {
    const at = detail.indexOf(': {');
    const payload = at === -1 ? null : detail.slice(at + 2);
    return (
      <div key={`${code} ${detail}`} className={classes.part}>
        <p className={classes.note}>{at === -1 ? detail : `${detail.slice(0, at)}.`}</p>
        {payload !== null && (
          <div className={classes.code}>
            <code>{payload}</code>
            <Copy value={payload} label="Copy the payload" />
          </div>
        )}
      </div>
    );
  });
}

function Changes({
  changes,
  title = 'Changed before it went out',
}: {
  readonly changes: Evidence['changes'];
  readonly title?: string;
}) {
  if (changes.length === 0) return null;
  return (
    <>
      <h4 className={classes.title}>{title}</h4>
      <ul className={classes.list}>
        {changes.map((change) => (
          <li key={`${change.code} ${change.detail}`}>
            <code className={classes.name}>{change.code}</code> {change.detail}
          </li>
        ))}
      </ul>
    </>
  );
}

function Routing({ evidence }: { readonly evidence: Evidence }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">Answer</th>
          <th scope="col">At</th>
        </tr>
      </thead>
      <tbody>
        {evidence.routing.map((step, index) => (
          <tr key={index}>
            <td>
              <code>{step.question}</code>
            </td>
            <td>
              <code>{step.answer}</code>
            </td>
            <td className={classes.number}>{formatDuration(step.atMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const outcomeWords = {
  sent: 'The next hop took it.',
  deferred: 'Not for now.',
  failed: 'Refused for good.',
} as const;

function AttemptEvidence({
  attempt,
  carriage,
  whole,
  nextAttemptAt,
}: Pick<Extract<OfStage, { kind: 'attempt' }>, 'attempt' | 'carriage' | 'whole' | 'nextAttemptAt'>) {
  const { evidence } = attempt;
  const reply = [attempt.code, attempt.enhanced].filter((one) => one !== null).join(' ');
  return (
    <>
      <Facts
        facts={[
          ['Outcome', outcomeWords[attempt.outcome]],
          ...(evidence?.live == null
            ? []
            : ([
                ['For real', `by relay ${evidence.live.relay} (${kindNames[evidence.live.kind]})`],
                ...(evidence.live.rewrittenFrom === null
                  ? []
                  : ([['It was for', evidence.live.rewrittenFrom]] as const)),
              ] as const)),
          ...(reply === '' ? [] : ([['Reply', reply]] as const)),
          ...(attempt.class === null
            ? []
            : ([
                ['Class', attempt.class.replaceAll('_', ' ')],
                ['What to do', wordsOfClass(attempt.class, carriage).advice],
              ] as const)),
          ...(attempt.nextHop === null ? [] : ([['Next hop', attempt.nextHop]] as const)),
          ['Took', formatDuration(attempt.durationMs)],
          ...(nextAttemptAt === null ? [] : ([['Then tried at', formatDateTime(nextAttemptAt)]] as const)),
          ...(evidence?.identity == null
            ? []
            : ([
                [
                  'Seen there as',
                  `${evidence.identity.ip}, HELO ${evidence.identity.helo}, PTR ${evidence.identity.ptr ?? 'none'}`,
                ],
              ] as const)),
        ]}
      />
      {whole && evidence !== null && evidence.routing.length > 0 && <Routing evidence={evidence} />}
      {whole && evidence !== null && <Changes changes={evidence.changes} />}
      {!whole && carriage === 'push' && evidence !== null && (
        <Changes changes={renderingOf(evidence.changes).rest} title="Noted" />
      )}
      {evidence !== null && evidence.transcript.length > 0 && <Transcript lines={evidence.transcript} />}
      {evidence === null && <p className={classes.note}>No evidence of it was kept.</p>}
    </>
  );
}
