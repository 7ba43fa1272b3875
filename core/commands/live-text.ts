/** What `sandpost live` prints. Pure. */
import type {
  AuditEntryShape,
  LiveStatusShape,
  LiveSummaryShape,
  RelayShape,
  ReleaseSummaryShape,
} from '../api/live-relay-schema.ts';
import { liveChannels } from '../model/live-relay.ts';
import type { Paint } from './output.ts';

/** Of each channel, those that are listed. */
const listedMax = 20;

export function statusPage(status: LiveStatusShape, paint: Paint): string {
  const lines: string[] = [];
  if (status.live)
    lines.push(
      paint('red', `LIVE until ${status.until ?? ''}`),
      `turned on by ${status.startedBy ?? ''} at ${status.since ?? ''}`,
    );
  else lines.push('sandbox: nothing goes out for real');
  for (const channel of liveChannels) {
    const one = status.channels[channel];
    if (one === undefined) continue;
    const to =
      one.recipients.kind === 'rewrite'
        ? `everything to ${one.recipients.to}`
        : `to ${one.recipients.entries.map(({ kind, value }) => `${kind} ${value}`).join(', ')}`;
    lines.push(
      `${paint('bold', channel)} by ${one.relay.name} ${clean(to)}; ${one.sentThisHour} of ${one.perHourMax} sent this hour, ${one.held} held${one.passThrough ? '; passes through' : ''}`,
    );
  }
  if (status.underWay > 0) lines.push(`${status.underWay} under way`);
  if (status.released > 0) lines.push(`${status.released} released by hand may still be tried`);
  if (!status.live && status.lastEnd !== null)
    lines.push(paint('dim', `ended at ${status.lastEnd.at}: ${status.lastEnd.why.replaceAll('_', ' ')}`));
  return `${lines.join('\n')}\n`;
}

export function lineOf(relay: RelayShape, paint: Paint): string {
  const { name, settings, address, missing, verified } = relay;
  const state =
    missing.length > 0
      ? paint('yellow', `needs ${missing.join(', ')}`)
      : verified === null
        ? paint('dim', 'not verified')
        : paint(verified.ok ? 'green' : 'red', verified.ok ? 'verified' : clean(verified.text));
  return `${paint('bold', name)}  ${settings.kind}  ${clean(address)}  ${state}\n`;
}

export function summaryPage(summary: LiveSummaryShape, paint: Paint): string {
  const lines = [`Until ${summary.until} this would go out for real:`];
  for (const channel of liveChannels) {
    const one = summary.channels[channel];
    if (one === undefined) continue;
    lines.push(
      '',
      `${paint('bold', channel)} by ${one.relay.name} (${one.relay.kind}, ${clean(one.relay.address)})`,
      `  of what waits now: ${paint('bold', String(one.goes))} go, ${one.later} later, ${one.overCap} over the cap, ${one.notAllowed} not allowed (held)`,
      ...one.entries
        .slice(0, listedMax)
        .map(
          ({ recipient, to }) =>
            `  ${clean(to)}${to === recipient ? '' : paint('dim', ` (for ${clean(recipient)})`)}`,
        ),
      ...(one.entries.length > listedMax ? [`  and ${one.entries.length - listedMax} more`] : []),
    );
  }
  return `${lines.join('\n')}\n`;
}

export function releasePage({ relay, to, messages }: ReleaseSummaryShape, paint: Paint): string {
  const lines = messages.map(
    ({ id, subject, from }) => `  ${paint('dim', id)}  ${clean(from)}  ${clean(subject)}`,
  );
  return `These would go to ${paint('bold', clean(to))} by ${relay.name} (${clean(relay.address)}):\n${lines.join('\n')}\n`;
}

export function auditLine(entry: AuditEntryShape, paint: Paint): string {
  const about = [entry.channel, entry.relay, entry.recipient, entry.deliveryId].filter((one) => one !== null);
  return `${paint('dim', entry.at)}  ${paint('bold', entry.kind.replaceAll('_', ' '))} by ${entry.by}  ${clean(about.join('  '))}  ${paint('dim', clean(JSON.stringify(entry.detail)))}\n`;
}

/** What a message or a provider says must not steer the terminal. */
function clean(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return value.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}
