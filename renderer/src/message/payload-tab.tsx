import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useMemo } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import type { PayloadProblem, PushProvider } from '../../../core/model/push.ts';
import { rawQuery } from '../api/messages.ts';
import { formatBytes, plural } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Copy } from './found-panel.tsx';
import { payloadLines, problemsByLine } from './payload-lines.ts';
import classes from './payload-tab.module.css';
import type { PushView } from './push-view.ts';

/** What the providers take at the most: Apple's and the push services' limits are on the whole payload. */
const payloadBytesMax: Readonly<Partial<Record<PushProvider, number>>> = { apns: 4_096, webpush: 4_096 };
const voipBytesMax = 5_120;

/** The payload as JSON, with whatever is wrong in it pointed at. */
export function PayloadTab({ message }: { readonly message: MessageDetail }) {
  const { data: bytes, error } = useQuery(rawQuery(message.id));
  const push = message.push;
  const plain = push?.details?.plain ?? null;
  const encrypted = push?.details?.provider === 'webpush';
  const text = useMemo(
    () => (encrypted ? plain : bytes === undefined ? null : new TextDecoder().decode(bytes)),
    [encrypted, plain, bytes],
  );
  if (error !== null) return <ProblemState error={error} />;
  if (bytes === undefined) return <LoadingState what="the payload" />;
  if (text === null || text === '') {
    return (
      <RoomState
        icon={<IconCircleX size={28} stroke={1.3} aria-hidden />}
        title={encrypted && plain === null ? 'It could not be decrypted' : 'No payload'}
      >
        {encrypted && plain === null
          ? 'The service worker would get no event: it was encrypted for other keys than the subscription’s. Source has the bytes.'
          : 'The push has no content: it only wakes the app or the service worker.'}
      </RoomState>
    );
  }
  return <Payload text={text} bytes={message.bytes} push={push} encrypted={encrypted} />;
}

interface PayloadProps {
  readonly text: string;
  readonly bytes: number;
  readonly push: PushView | null;
  readonly encrypted: boolean;
}

function Payload({ text, bytes, push, encrypted }: PayloadProps) {
  const problems = push?.problems ?? [];
  const view = useMemo(() => payloadLines(text), [text]);
  const byLine = useMemo(() => problemsByLine(view?.lines ?? [], problems), [view, problems]);
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        <Verdict problems={problems} />
        <span className={classes.dim}>
          {encrypted ? 'decrypted; ' : ''}
          {sizeWords(bytes, push)}
        </span>
        <span className={classes.space} />
        <Copy value={text} label="Copy the payload" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label="Payload">
        {view === null ? (
          <>
            {problems.map((problem) => (
              <Problem key={problem.code} problem={problem} indent={0} />
            ))}
            <pre className={classes.plain}>{text}</pre>
          </>
        ) : (
          <ol className={classes.lines}>
            {view.lines.map((line, index) => (
              <Fragment key={index}>
                <li className={classes.line} data-tone={toneOf(byLine.get(index) ?? [])}>
                  <code style={{ paddingLeft: `${line.indent * 2}ch` }}>
                    {line.name !== '' && <span className={classes.name}>{JSON.stringify(line.name)}: </span>}
                    <span data-kind={line.kind}>{line.text}</span>
                  </code>
                  {(byLine.get(index) ?? []).map((problem) => (
                    <Problem
                      key={`${problem.field} ${problem.code}`}
                      problem={problem}
                      indent={line.indent}
                    />
                  ))}
                </li>
              </Fragment>
            ))}
          </ol>
        )}
        {view?.cut === true && <p className={classes.dim}>It goes on; Source has all of it.</p>}
      </section>
    </div>
  );
}

function Verdict({ problems }: { readonly problems: readonly PayloadProblem[] }) {
  const refused = problems.filter(({ refused: out }) => out).length;
  const ignored = problems.length - refused;
  if (problems.length === 0) {
    return (
      <span className={classes.verdict} data-tone="good">
        <IconCircleCheck size={14} aria-hidden /> Every member is as it should be
      </span>
    );
  }
  return (
    <span className={classes.verdict} data-tone={refused > 0 ? 'bad' : 'warn'}>
      {refused > 0 ? <IconCircleX size={14} aria-hidden /> : <IconAlertTriangle size={14} aria-hidden />}
      {[
        refused > 0 ? plural(refused, 'member is refused', 'members are refused') : '',
        ignored > 0 ? plural(ignored, 'member is ignored', 'members are ignored') : '',
      ]
        .filter((part) => part !== '')
        .join(', ')}
    </span>
  );
}

function Problem({ problem, indent }: { readonly problem: PayloadProblem; readonly indent: number }) {
  const { field, detail, refused, code } = problem;
  return (
    <p className={classes.problem} style={{ marginLeft: `${indent * 2}ch` }}>
      {refused ? (
        <IconCircleX size={13} role="img" aria-label="The provider refuses it" />
      ) : (
        <IconAlertTriangle size={13} role="img" aria-label="A device ignores it" />
      )}
      <span>
        <code>{field === '' ? code : field}</code> {detail}
        {refused ? ' The provider refuses the request for it.' : ''}
      </span>
    </p>
  );
}

function toneOf(problems: readonly PayloadProblem[]): 'bad' | 'warn' | undefined {
  if (problems.length === 0) return undefined;
  return problems.some(({ refused }) => refused) ? 'bad' : 'warn';
}

function sizeWords(bytes: number, push: PushView | null): string {
  const request = push?.details ?? null;
  const most =
    request === null
      ? undefined
      : request.pushType === 'voip'
        ? voipBytesMax
        : payloadBytesMax[request.provider];
  if (most === undefined) return formatBytes(bytes);
  return `${bytes.toLocaleString()} of ${most.toLocaleString()} bytes`;
}
