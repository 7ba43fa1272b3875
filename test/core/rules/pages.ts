/** The pages and files of docs/ that are written from the code, so that they say what is the case. */

import { isSmsProvider } from '../../../core/model/sms.ts';
import { exampleScenarios } from '../../../core/rules/examples/index.ts';
import { inAppStatusOf } from '../../../core/rules/inapp-reasons.ts';
import { magicCard } from '../../../core/rules/magic-card.ts';
import { magicNumberBegins } from '../../../core/rules/magic-numbers.ts';
import { inAppMomentsOf } from '../../../core/rules/moments.ts';
import { kindTitles, type Preset, presets } from '../../../core/rules/presets/index.ts';
import { isPushProvider, reasonOf } from '../../../core/rules/push-reasons.ts';
import { type Scenario, scenarioJsonSchema, writeScenario } from '../../../core/rules/scenario.ts';
import { idOf } from '../../../core/rules/scenarios.ts';
import type { Action } from '../../../core/rules/schema.ts';
import { smsReasonOf, smsReportOf } from '../../../core/rules/sms-reasons.ts';

const written = '<!-- Written by `node test/core/rules/write-pages.ts`; do not edit. -->';

/** Every file by its path within the project. */
export function pages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/presets.md', presetsPage()],
    ['docs/magic-addresses.md', magicPage()],
    ['docs/scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`],
    ...exampleScenarios().map(
      (scenario) => [`docs/scenarios/${idOf(scenario.name)}.yaml`, scenarioFile(scenario)] as const,
    ),
  ]);
}

/** The first line tells editors how to check the file and what to offer. */
function scenarioFile(scenario: Scenario): string {
  return `# yaml-language-server: $schema=../scenario.schema.json\n${writeScenario(scenario)}`;
}

function presetsPage(): string {
  const groups = [...new Set(presets.map(({ group }) => group))];
  return [
    written,
    '# Presets',
    '',
    `${presets.length} ready rules of the far side, in the words of the providers: code, enhanced code and text as they are on the wire, at the moment at which the provider says it; for pushes status and reason, for SMS the provider’s code and the status of its report; for in-app messages what their client meets at the in-app door. Add one in the Rules room, or take its rule from \`GET /v1/rules/presets\`. \`{ip}\`, \`{recipient}\` and the like are filled in.`,
    '',
    ...groups.flatMap((group) =>
      groupSection(
        group,
        presets.filter((one) => one.group === group),
      ),
    ),
  ].join('\n');
}

function groupSection(group: string, entries: readonly Preset[]): readonly string[] {
  return [
    `## ${group}`,
    '',
    ...entries.flatMap(({ id, kind, title, about, source, rule, provider }) => [
      `### ${title}`,
      '',
      `\`${id}\` · ${kindTitles[kind]} · ${isInApp(rule) ? inAppMoment(rule) : isSms(rule, provider) ? smsMoment(rule.then) : moment(rule.then, isPush(rule, provider))}`,
      '',
      '```',
      ...(isInApp(rule)
        ? doesToInApp(rule.then)
        : isSms(rule, provider)
          ? doesToSms(rule.then, provider)
          : does(rule.then, isPush(rule, provider) ? provider : null)),
      '```',
      '',
      about,
      '',
      `Source: ${source}`,
      '',
    ]),
  ];
}

const momentWords = {
  connect: 'at the greeting',
  ehlo: 'at EHLO',
  mail: 'at MAIL FROM',
  rcpt: 'at RCPT TO',
  data: 'at DATA',
  midData: 'in the middle of the content',
  endOfData: 'after the content',
} as const;

function isPush({ when }: Preset['rule'], provider: Preset['provider']): boolean {
  return isPushProvider(provider) || when.channel === 'push';
}

function isSms({ when }: Preset['rule'], provider: Preset['provider']): boolean {
  return isSmsProvider(provider) || when.channel === 'sms';
}

function isInApp({ when }: Preset['rule']): boolean {
  return when.channel === 'inapp';
}

function inAppMoment(rule: Preset['rule']): string {
  return inAppMomentsOf(rule)
    .map((one) => inAppMomentWords[one])
    .join(', ');
}

const inAppMomentWords = {
  send: 'as it is handed in',
  pull: 'at a pull',
  display: 'when asked what to display',
  track: 'when an impression or a click is told',
  realtime: 'on a realtime connection',
} as const;

function doesToInApp(action: Action): readonly string[] {
  switch (action.do) {
    case 'answer':
      return [
        `${action.status ?? inAppStatusOf(action.reason)} {"code":"${action.reason}"}`,
        ...(action.retryAfterS === undefined ? [] : [`Retry-After: ${action.retryAfterS}`]),
        ...(action.times === undefined ? [] : [`(${times(action.times)}, then it goes on)`]),
      ];
    case 'disconnect':
      if (action.afterEvents !== undefined) return [`(cut after ${action.afterEvents} events)`];
      if (action.at === 'midData') return ['(the answer is cut in its middle)'];
      return [`(${action.keep === true ? 'done, and ' : ''}the connection is cut in place of the answer)`];
    case 'refuseConnection':
      return ['(reset)'];
    case 'goAway':
      return [`{"type":"reconnect","retryAfterMs":${action.retryAfterMs ?? 0}}`];
    case 'offline':
      return [`(out of the net for ${minutes(action.forMs)})`];
    case 'delay':
      return [
        `(${action.ms / 1_000}${action.msMax === undefined ? '' : ` to ${action.msMax / 1_000}`} seconds late)`,
      ];
    case 'slow':
      return [`(${action.bytesPerSecond} bytes a second)`];
    case 'duplicate':
      return [`(each entry and each event ${times(action.copies)})`];
    case 'empty':
      return ['{"entries":[]}, {"chosen":null}'];
    case 'stale':
      return ['304 Not Modified'];
    case 'shuffle':
      return ['(entries out of order; the second best to display)'];
    case 'expire':
      return [`202, and expired ${minutes(action.afterMs)} later`];
    case 'blackHole':
      return ['(a yes, and nothing comes of it)'];
    default:
      return [action.do];
  }
}

function smsMoment(action: Action): string {
  switch (action.do) {
    case 'answer':
    case 'disconnect':
      return 'in place of the yes';
    case 'offline':
      return 'before it gets to the handset';
    default:
      return 'after the yes';
  }
}

function doesToSms(action: Action, provider: Preset['provider']): readonly string[] {
  switch (action.do) {
    case 'answer': {
      const known = smsReasonOf(provider, action.reason);
      const said = [known?.status ?? null, action.reason].filter((one) => one !== null).join(' ');
      return [
        `${said}${known === null ? '' : ` (${known.means})`}`,
        ...(action.times === undefined ? [] : [`(${times(action.times)} for each message, then it goes on)`]),
      ];
    }
    case 'report': {
      const known = smsReportOf(provider, action.status, action.code);
      const said = [action.status, action.code].filter((one) => one !== undefined).join(' ');
      return [`accepted; reported as ${said}${known === null ? '' : ` (${known.means})`}`];
    }
    case 'reports':
      return [
        {
          lose: 'delivered, and no report comes',
          repeat: `delivered, and each report comes ${times(action.times)}`,
          late: `delivered, and its reports come ${minutes(action.ms)} later`,
          shuffle: 'delivered, and its reports come out of order',
        }[action.how],
      ];
    case 'disconnect':
      return ['(taken, and the connection is cut in place of the answer)'];
    case 'offline':
      return [`(the handset is off for ${hours(action.forMs)})`];
    case 'delay':
      return [`accepted, and there ${minutes(action.ms)} to ${minutes(action.msMax ?? action.ms)} later`];
    case 'blackHole':
      return ['accepted, and never seen'];
    case 'duplicate':
      return [`accepted, and there ${times(action.copies)}`];
    default:
      return [action.do];
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

function moment(action: Action, push: boolean): string {
  if (push) return action.do === 'answer' ? 'in place of the yes' : pushMoment(action);
  switch (action.do) {
    case 'reject':
    case 'defer':
    case 'disconnect':
      return momentWords[action.at ?? 'rcpt'];
    case 'refuseConnection':
      return 'at the connection';
    case 'breakTls':
      return 'at STARTTLS';
    default:
      return 'after the acceptance';
  }
}

function pushMoment(action: Action): string {
  switch (action.do) {
    case 'goAway':
      return action.answered ? 'after the answer' : 'in place of the answer';
    case 'offline':
    case 'uninstall':
      return 'before it gets to the device';
    default:
      return 'after the yes';
  }
}

/** @param provider of a push: whose status it is */
function does(action: Action, provider: Preset['provider'] | null): readonly string[] {
  if (provider !== null) return doesToPush(action, provider);
  switch (action.do) {
    case 'reject':
    case 'defer':
      return replyLines(action.code, action.enhanced, action.text);
    case 'refuseConnection':
      return action.how === 'reset' ? ['(reset)'] : replyLines(action.code, undefined, action.text);
    case 'bounceLater':
      return [
        `250, and ${minutes(action.afterMs)} later a DSN:`,
        ...replyLines(action.code, action.enhanced, action.text),
      ];
    case 'complain':
      return [`250, and ${minutes(action.afterMs)} later a complaint`];
    case 'place':
      return [`250, and into ${action.in}`];
    case 'breakTls':
      return ['220, and the handshake is cut'];
    case 'disconnect':
      return ['(the connection is cut before the 250; the message was taken)'];
    default:
      return [action.do];
  }
}

function doesToPush(action: Action, provider: Preset['provider']): readonly string[] {
  switch (action.do) {
    case 'answer': {
      const known = isPushProvider(provider) ? reasonOf(provider, action.reason) : null;
      return [
        `${action.status ?? known?.status ?? ''} ${action.reason}`.trim(),
        ...(action.retryAfterS === undefined ? [] : [`Retry-After: ${action.retryAfterS}`]),
        ...(action.times === undefined ? [] : [`(${action.times} tries of each push, then it goes on)`]),
      ];
    }
    case 'goAway':
      return [...(action.answered ? ['200'] : []), `GOAWAY {"reason":"${action.reason}"}`];
    case 'disconnect':
      return ['(taken, and the connection is cut in place of the 200)'];
    case 'offline':
      return [`(the device is off for ${hours(action.forMs)})`];
    case 'uninstall':
      return [
        action.tellAfterSends === undefined
          ? '(the app is gone, and the provider says so)'
          : `(the app is gone; the provider says so after ${action.tellAfterSends} more sends)`,
      ];
    case 'delay':
      return [`200, and shown ${minutes(action.ms)} to ${minutes(action.msMax ?? action.ms)} later`];
    case 'blackHole':
      return ['200, and never shown'];
    case 'duplicate':
      return [`200, and shown ${action.copies} times`];
    default:
      return [action.do];
  }
}

function hours(ms: number): string {
  const whole = ms / 3_600_000;
  if (whole === 1) return '1 hour';
  return whole % 24 === 0 ? `${whole / 24} days` : `${whole} hours`;
}

function replyLines(code: number, enhanced: string | undefined, text: string): readonly string[] {
  const lines = text.split('\n');
  const last = lines.length - 1;
  return lines.map(
    (line, at) => `${code}${at === last ? ' ' : '-'}${enhanced === undefined ? '' : `${enhanced} `}${line}`,
  );
}

function minutes(ms: number): string {
  return ms === 60_000 ? 'a minute' : `${ms / 60_000} minutes`;
}

function magicPage(): string {
  const card = (stage: 'farSide' | 'door'): readonly string[] => [
    '| write | for example | and the message |',
    '|---|---|---|',
    ...magicCard
      .filter((word) => word.of === 'address' && word.stage === stage)
      .map(({ form, example, does: what }) => `| \`+${cell(form)}\` | \`${example}\` | ${cell(what)} |`),
  ];
  const tokens = [
    '| write | for example | as hex | and the token |',
    '|---|---|---|---|',
    ...magicCard
      .filter((word) => word.of === 'token')
      .map(
        ({ form, example, hex, does: what }) =>
          `| \`${cell(form)}\` | \`${example}\` | \`${hex ?? ''}\` | ${cell(what)} |`,
      ),
  ];
  const numbers = [
    `| ends in | ${magicNumberBegins.map(({ country }) => country).join(' | ')} | and the number |`,
    `|---|${magicNumberBegins.map(() => '---|').join('')}---|`,
    ...magicCard
      .filter((word) => word.of === 'number')
      .map(
        ({ form, countries, does: what }) =>
          `| \`${form}\` | ${countries.map(({ example }) => `\`${example}\``).join(' | ')} | ${cell(what)} |`,
      ),
  ];
  const users = [
    '| write | for example | and the user |',
    '|---|---|---|',
    ...magicCard
      .filter((word) => word.of === 'user')
      .map(({ form, example, does: what }) => `| \`+${cell(form)}\` | \`${example}\` | ${cell(what)} |`),
  ];
  return [
    written,
    '# Magic addresses, tokens, numbers and users',
    '',
    'They need no set-up: put the word behind a plus into the recipient address of a mail, push to a token that is the word, send an SMS to a number that ends so, or an in-app message to a user whose id has the word behind a plus, and it happens to that recipient. Made for automated tests.',
    '',
    '## Addresses, at the far side: what becomes of a message that was accepted here',
    '',
    ...card('farSide'),
    '',
    '## Addresses, at our own door: what your app sees when it hands the message over',
    '',
    ...card('door'),
    '',
    '## Tokens: what becomes of a push',
    '',
    'At the doors of APNs, FCM and Web Push, and in the sends of the API, in the words of whichever provider it is.',
    '',
    ...tokens,
    '',
    '- Plain where the client takes any text: FCM tokens, and Web Push subscriptions whose id was chosen (`POST /v1/phones/:id/register {"token": "unregistered-1"}`).',
    '- As the hex of that text where a token must be hex, as with node-apn, which strips everything else: `Buffer.from("unregistered-jane").toString("hex")`, or `printf unregistered-jane | xxd -p`. Where a client wants 64 digits, fill it up with zeros.',
    '- What follows the word behind `-`, `_`, `.` or `:` tells one token from another: `unregistered-jane`, `ratelimited-x2-7`.',
    '- Tries of the same push (the same body to the same token) are counted together, and begin anew when it was taken.',
    '',
    '## Numbers: what becomes of an SMS',
    '',
    'Any number that ends in `7263` (SAND on a keypad) and two more digits, at the doors of all SMS providers and in the sends of the API, in the words of whichever provider it is; where a provider says so only later, in its report. Numbers that are made up by counting, or with zeros, do not end so by chance.',
    '',
    `In front of it stands anything that makes a number of it: ${magicNumberBegins.map(({ country, begin }) => `\`${begin}…\` (${country})`).join(', ')}. The last two digits for refusals (01 to 09) are those of Twilio’s own test numbers, the last digit for reports (33 to 38) that of 30003 to 30008.`,
    '',
    ...numbers,
    '',
    '- Twilio’s own test numbers (`+1500555…`) are the Twilio door’s, and mean what Twilio says.',
    '- Tries of the same message (the same request) are counted together, and begin anew when it was taken.',
    '',
    '## Users: what their in-app client meets',
    '',
    'A word behind a plus in the user’s id, with or without an `@` after it: `anna+offline`, `anna+offline@shop.example`. It is met by whoever asks the in-app door as that user, and by what is sent to them.',
    '',
    ...users,
    '',
    '- `STATUS` stands for an HTTP status from 400 to 599. Times are counted for each kind of request by itself.',
    '',
    '## Good to know',
    '',
    '- They can be put together: `jane+defer-421-x2+spam@gmail.com` is put off twice and lands in Spam then; `ratelimited-x2+offline-2h` is refused twice and finds its device off then.',
    '- `N`, `CODE` and `ENHANCED` stand for a number, a reply code (`421`, `550`) and an enhanced one (`5.1.1`), `REASON` for what a push provider says, `Ns` for the seconds of Retry-After. What is in brackets may be left out.',
    '- Capital letters do not matter. Any domain will do; the provider goes by the domain.',
    '- What is no word of this card is a sub-address like any other (RFC 5233), a token or a number like any other, and is left alone: `jane+news@gmail.com`, `badf00d5`.',
    '- They can be switched off, addresses, tokens, numbers and users together: in the Rules room, by `PUT /v1/rules {"magicAddresses": false}`, or in a scenario.',
    '',
  ].join('\n');
}

/** A bar would end the cell of the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
