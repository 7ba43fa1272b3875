import { IconShieldQuestion } from '@tabler/icons-react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import type { PushCheck, PushCredentials } from '../../../core/model/push.ts';
import classes from '../auth/auth-checks.module.css';
import tabClasses from '../auth/auth-tab.module.css';
import { formatDateTime } from '../format.ts';
import { RoomState } from '../frame/room-states.tsx';
import { sentence } from '../phones/phone-words.ts';
import own from './push-auth-tab.module.css';
import { adviceFor, checkNames, credentialWords } from './push-credentials.ts';

/** Who the sender showed itself to be: decoded, each check judged, and what to change. */
export function PushAuthTab({ message }: { readonly message: MessageDetail }) {
  const credentials = message.push?.details?.credentials ?? null;
  if (credentials === null || credentials.kind === 'none') {
    return (
      <RoomState
        icon={<IconShieldQuestion size={28} stroke={1.3} aria-hidden />}
        title="It came without credentials"
      >
        The provider outside refuses that. Here a setting of the door decides.
      </RoomState>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={tabClasses.scroll} tabIndex={0} aria-label="Checks of the credentials">
      <Credentials credentials={credentials} />
    </section>
  );
}

export function Credentials({ credentials }: { readonly credentials: PushCredentials }) {
  const { kind, header, claims, checks } = credentials;
  const words = credentialWords[kind];
  return (
    <>
      <p className={tabClasses.where}>
        <b>{words.title}</b>. {words.about}
      </p>
      <ul className={classes.checks} aria-label="Checks">
        {checks.map((check) => (
          <OneCheck key={check.check} check={check} kind={kind} />
        ))}
      </ul>
      {checks.length === 0 && <p className={tabClasses.where}>Nothing of it was looked at.</p>}
      <Members title="Header" members={header} />
      <Members title="Claims" members={claims} />
    </>
  );
}

const faces = {
  pass: { tone: 'good', shape: '✓', word: 'pass' },
  fail: { tone: 'bad', shape: '✕', word: 'fail' },
  unchecked: { tone: 'warn', shape: '–', word: 'not checked' },
} as const;

function OneCheck({ check, kind }: { readonly check: PushCheck; readonly kind: PushCredentials['kind'] }) {
  const face = faces[check.result];
  const advice = check.result === 'fail' ? adviceFor(kind, check.check) : null;
  return (
    <li className={classes.check} data-tone={face.tone}>
      <span className={classes.shape} aria-hidden>
        {face.shape}
      </span>
      <div className={classes.body}>
        <div>
          <b>{checkNames[check.check] ?? check.check}</b> <span className={classes.result}>{face.word}</span>
        </div>
        <p className={classes.why}>{sentence(check.detail)}</p>
        {advice !== null && <p className={classes.fix}>{advice}</p>}
      </div>
    </li>
  );
}

function Members({
  title,
  members,
}: {
  readonly title: string;
  readonly members: Readonly<Record<string, unknown>>;
}) {
  const entries = Object.entries(members);
  if (entries.length === 0) return null;
  return (
    <>
      <h3 className={classes.title}>{title}</h3>
      <table className={own.members} aria-label={`${title} as decoded`}>
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>
                <code>{JSON.stringify(value)}</code>
              </td>
              <td className={own.meaning}>{memberWords(name, value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const memberMeanings: Readonly<Record<string, string>> = {
  alg: 'how it is signed',
  kid: 'which key signed it: the id of the key in Apple’s developer account',
  typ: 'what it is',
  iss: 'who made it: of APNs the team id, of Google the service account',
  iat: 'when it was made',
  exp: 'until when it is good',
  nbf: 'from when on it is good',
  aud: 'whom it is for: the provider’s origin',
  sub: 'whom to ask about it: a mailto: or https: address (VAPID), the service account (Google)',
  scope: 'what it allows',
  k: 'the public key of the application server, which the subscription was made with',
  subject: 'whom the certificate is for',
  issuer: 'who issued the certificate',
};

/** Seconds since 1970 are shown as a date too. */
function memberWords(name: string, value: unknown): string {
  const meaning = memberMeanings[name] ?? '';
  if ((name === 'iat' || name === 'exp' || name === 'nbf') && typeof value === 'number') {
    const at = new Date(value * 1_000);
    if (!Number.isNaN(at.getTime())) return `${formatDateTime(at.toISOString())}: ${meaning}`;
  }
  return meaning;
}
