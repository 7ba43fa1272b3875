/** The pages and files of docs/ that are written from the code, so that they say what is the case. */
import { exampleScenarios } from '../../../core/rules/examples/index.ts';
import { magicWords } from '../../../core/rules/magic.ts';
import { kindTitles, type Preset, presets } from '../../../core/rules/presets/index.ts';
import { type Scenario, scenarioJsonSchema, writeScenario } from '../../../core/rules/scenario.ts';
import { idOf } from '../../../core/rules/scenarios.ts';
import type { Action } from '../../../core/rules/schema.ts';

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
    `${presets.length} ready rules of the far side, in the words of the providers: code, enhanced code and text as they are on the wire, at the moment at which the provider says it. Add one in the Rules room, or take its rule from \`GET /v1/rules/presets\`. \`{ip}\`, \`{recipient}\` and the like are filled in.`,
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
    ...entries.flatMap(({ id, kind, title, about, source, rule }) => [
      `### ${title}`,
      '',
      `\`${id}\` · ${kindTitles[kind]} · ${moment(rule.then)}`,
      '',
      '```',
      ...does(rule.then),
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

function moment(action: Action): string {
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

function does(action: Action): readonly string[] {
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

function replyLines(code: number, enhanced: string | undefined, text: string): readonly string[] {
  const lines = text.split('\n');
  const last = lines.length - 1;
  return lines.map(
    (line, at) => `${code}${at === last ? ' ' : '-'}${enhanced === undefined ? '' : `${enhanced} `}${line}`,
  );
}

function minutes(ms: number): string {
  return `${ms / 60_000} minutes`;
}

function magicPage(): string {
  const card = (stage: 'farSide' | 'door'): readonly string[] => [
    '| write | for example | and the message |',
    '|---|---|---|',
    ...magicWords
      .filter((word) => word.stage === stage)
      .map(({ form, example, does: what }) => `| \`+${cell(form)}\` | \`${example}\` | ${cell(what)} |`),
  ];
  return [
    written,
    '# Magic addresses',
    '',
    'They need no set-up: put the word behind a plus into the recipient address, and it happens to that recipient. Made for automated tests.',
    '',
    '## At the far side: what becomes of a message that was accepted here',
    '',
    ...card('farSide'),
    '',
    '## At our own door: what your app sees when it hands the message over',
    '',
    ...card('door'),
    '',
    '## Good to know',
    '',
    '- They can be put together: `jane+defer-421-x2+spam@gmail.com` is put off twice and lands in Spam then.',
    '- `N`, `CODE` and `ENHANCED` stand for a number, a reply code (`421`, `550`) and an enhanced one (`5.1.1`). What is in brackets may be left out.',
    '- Capital letters do not matter. Any domain will do; the provider goes by the domain.',
    '- What is no word of this card is a sub-address like any other (RFC 5233) and is left alone: `jane+news@gmail.com`.',
    '- They can be switched off: in the Rules room, by `PUT /v1/rules {"magicAddresses": false}`, or in a scenario.',
    '',
  ].join('\n');
}

/** A bar would end the cell of the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
