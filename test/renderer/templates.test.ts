/** The editor of templates: what becomes of what is written in it. */
import { describe, expect, it } from 'vitest';
import { faultAt, faultWithin } from '../../renderer/src/api/faults.ts';
import type { TemplateDraft } from '../../renderer/src/api/templates.ts';
import { readDisplay, takesSlot, withKind } from '../../renderer/src/inapp/display-draft.ts';
import { comparable, stillCompared, usuallyCompared } from '../../renderer/src/templates/compared.ts';
import {
  fieldOf,
  freeVariable,
  inAppOf,
  localeNamed,
  pathOf,
  pushDataOf,
  withField,
  withInApp,
  withPushData,
} from '../../renderer/src/templates/draft-fields.ts';
import { readObject, readSample, sampleAs, sampleText } from '../../renderer/src/templates/json-text.ts';
import { folded, linesBetween } from '../../renderer/src/templates/line-diff.ts';
import { moved, replaced, without } from '../../renderer/src/templates/lists.ts';
import { membersOf, pairFault, pairsOf, rowsFor } from '../../renderer/src/templates/pairs.ts';
import { faultsOf, placeOf } from '../../renderer/src/templates/problem-places.ts';
import { sendCommand } from '../../renderer/src/templates/send-request.ts';

const draft: TemplateDraft = {
  name: 'Order',
  description: null,
  topic: null,
  locale: null,
  content: {
    email: { subject: 'Hi', format: 'mjml', body: '<mjml/>' },
    push: { body: 'p', data: { screen: 'orders' } },
    inapp: { body: 'b', actions: [{ label: 'Go' }], display: { kind: 'modal' } },
  },
  locales: { de: { push: { body: 'P' } } },
  variables: [],
};

describe('what is written in a draft', () => {
  it('goes into the texts for all, or into one language alone', () => {
    const all = withInApp(draft, null, 'actions', [{ label: 'Away', dismisses: true }]);
    expect(inAppOf(all, null).actions).toEqual([{ label: 'Away', dismisses: true }]);
    const german = withInApp(draft, 'de', 'actions', [{ label: 'Los' }]);
    expect(inAppOf(german, null)).toEqual(draft.content.inapp);
    expect(german.locales.de).toEqual({ push: { body: 'P' }, inapp: { actions: [{ label: 'Los' }] } });
  });

  it('is as in the other languages again when the last of it goes', () => {
    const german = withInApp(draft, 'de', 'priority', 7);
    expect(withInApp(german, 'de', 'priority', undefined)).toEqual(draft);
    expect(withPushData(withPushData(draft, 'de', {}), 'de', undefined)).toEqual(draft);
    expect(pushDataOf(withPushData(draft, 'de', {}), 'de')).toEqual({});
    expect(pushDataOf(withPushData(draft, null, undefined), null)).toBeUndefined();
  });

  it('keeps the place of each member', () => {
    const next = withInApp(draft, null, 'actions', []);
    expect(Object.keys(next.content.inapp ?? {})).toEqual(['body', 'actions', 'display']);
  });

  it('may be MJML in one language and HTML in another', () => {
    const format = { name: 'format', required: true };
    const html = withField(draft, 'de', 'email', format, 'html');
    expect([fieldOf(html, null, 'email', 'format'), fieldOf(html, 'de', 'email', 'format')]).toEqual([
      'mjml',
      'html',
    ]);
    expect(withField(html, 'de', 'email', format, '')).toEqual(draft);
  });

  it('names languages as BCP 47 does, and variables anew', () => {
    expect([' de_at', 'ZH-hant-tw', 'english text', ''].map(localeNamed)).toEqual([
      'de-AT',
      'zh-Hant-TW',
      null,
      null,
    ]);
    const variable = { type: 'string', required: false, sample: '' } as const;
    expect(freeVariable([{ name: 'variable2', ...variable }])).toBe('variable3');
  });
});

describe('faults', () => {
  const faults = [
    { field: 'content.inapp.actions[1].url', detail: 'Bad.' },
    { field: 'content.inapp.slides.0.actions.2.label', detail: 'Empty.' },
    { field: 'content.inapp.data.a.b', detail: 'Deep.' },
    { field: 'content.inapp.data', detail: 'Large.' },
  ];

  it('stand at the member that they name, however the API writes its place', () => {
    const path = pathOf(null, 'inapp', 'actions');
    expect(faultAt(faults, `${path}[1].url`)).toBe('Bad.');
    expect(faultAt(faults, path)).toBeNull();
    expect(faultAt(faults, 'content.inapp.slides[0].actions[2].label')).toBe('Empty.');
    expect(faultAt(faults, pathOf('de', 'inapp', 'data'))).toBeNull();
    expect(faultWithin(faults, 'content.inapp.data')).toBe('Deep. Large.');
    expect(faultWithin(faults, 'content.inapp.act')).toBeNull();
  });

  it('lead to where they are mended', () => {
    const places = [
      'content.inapp.actions[0].url',
      'locales.de.sms.body',
      'locales.xx',
      'locales',
      'variables[2].name',
      'email.subject',
      'name',
    ].map((field) => Object.values(placeOf(field)));
    expect(places).toEqual([
      ['write', 'inapp', null],
      ['write', 'sms', 'de'],
      ['write', null, 'xx'],
      ['write', null, null],
      ['variables', null, null],
      ['write', 'email', undefined],
      ['about', null, null],
    ]);
  });

  it('come from the check and from the last change, each once', () => {
    const name = { field: 'name', detail: 'A name, please.' };
    const refused = { fields: [name, name] };
    const check = [{ field: 'content.sms.body', code: 'liquid', line: 2, detail: 'Bad.' }];
    expect(faultsOf(check, refused)).toMatchObject([
      { field: 'content.sms.body', detail: 'Line 2: Bad.' },
      { field: 'name', detail: 'A name, please.' },
    ]);
    expect(faultsOf([], null)).toEqual([]);
  });
});

describe('how a message is shown', () => {
  it('has a slot only where its kind has one', () => {
    expect([takesSlot('inline'), takesSlot('modal'), takesSlot(undefined)]).toEqual([true, false, false]);
    expect(withKind({ slot: 'top', trigger: 'x' }, 'banner')).toEqual({ trigger: 'x', kind: 'banner' });
    expect(withKind({ slot: 'top' }, 'inline')).toEqual({ slot: 'top', kind: 'inline' });
  });

  it('is sent trimmed, without what is empty', () => {
    expect(readDisplay({ slot: ' ', trigger: ' cart ', pageRules: [], maxPerWeek: 2 })).toEqual({
      trigger: 'cart',
      maxPerWeek: 2,
    });
  });
});

describe('lists and members that are written by hand', () => {
  it('are changed a step at a time', () => {
    const list = ['a', 'b', 'c'];
    expect([replaced(list, 1, 'x'), without(list, 0), moved(list, 2, -1), moved(list, 2, 1)]).toEqual([
      ['a', 'x', 'c'],
      ['b', 'c'],
      ['a', 'c', 'b'],
      list,
    ]);
  });

  it('keep a row without a name, and of a name that is there twice the first', () => {
    const rows = [
      { name: 'a', value: '1' },
      { name: '', value: '2' },
      { name: 'a', value: '3' },
      { name: '__proto__', value: '4' },
    ];
    const members = membersOf(rows);
    expect(Object.entries(members)).toEqual([
      ['a', '1'],
      ['__proto__', '4'],
    ]);
    expect(rows.map((_, at) => pairFault(rows, at))).toEqual([
      null,
      'It is not kept without a name',
      'This name is there already',
      null,
    ]);
    expect(rowsFor(members, rows)).toBe(rows);
    expect(rowsFor({ other: 'x' }, rows)).toEqual(pairsOf({ other: 'x' }));
  });
});

describe('JSON that is written by hand', () => {
  it('is an object, nothing, or wrong', () => {
    expect(['{"a": [1]}', ' ', '[1]', '{"a":'].map(readObject)).toEqual([
      { value: { a: [1] } },
      { value: undefined },
      null,
      null,
    ]);
  });

  it('is a sample as its type has it', () => {
    expect([sampleText('string', '1'), sampleText('number', 1), sampleText('list', '1')]).toEqual([
      '1',
      '1',
      '"1"',
    ]);
    expect([readSample('string', '1'), readSample('number', '1'), readSample('number', 'x')]).toEqual([
      { value: '1' },
      { value: 1 },
      null,
    ]);
  });

  it.each([
    ['number', '12', 12],
    ['number', 'twelve', 0],
    ['boolean', 'true', true],
    ['list', '[1]', [1]],
    ['list', 'x', []],
    ['object', '{"a":1}', { a: 1 }],
    ['object', [1], {}],
    ['string', 12, '12'],
    ['date', null, ''],
  ] as const)('becomes a %s of %j', (type, before, after) => {
    expect(sampleAs(type, before)).toEqual(after);
  });
});

describe('what differs between two texts', () => {
  const lines = (before: string, after: string) =>
    linesBetween(before, after).map(({ kind, text, changed }) =>
      [{ same: ' ', gone: '-', new: '+' }[kind], text, changed === null ? '' : text.slice(...changed)].join(
        '|',
      ),
    );

  it('is told line by line, and in a line by its words', () => {
    expect(lines('<p>\n  two 💚 minutes\n</p>\n', '<p>\n  three 💛 minutes\n</p>\n')).toEqual([
      ' |<p>|',
      '-|  two 💚 minutes|two 💚',
      '+|  three 💛 minutes|three 💛',
      ' |</p>|',
    ]);
    expect(lines('a\nb', 'c')).toEqual(['-|a|', '-|b|', '+|c|']);
    expect(lines('', 'new\n\n')).toEqual(['+|new|', '+||']);
    expect(lines('same', 'same')).toEqual([' |same|']);
  });

  it('numbers the lines of both', () => {
    expect(linesBetween('a\nb\nc', 'a\nc').map(({ before, after }) => [before, after])).toEqual([
      [1, 1],
      [2, null],
      [3, 2],
    ]);
  });

  it('folds away what is far from a change', () => {
    const many = Array.from({ length: 20 }, (_, at) => `line ${at + 1}`);
    const shown = folded(linesBetween(many.join('\n'), many.with(9, 'another').join('\n')));
    expect(shown.map((one) => (one.kind === 'fold' ? one.lines.length : one.text))).toEqual([
      6,
      ...['line 7', 'line 8', 'line 9', 'line 10', 'another', 'line 11', 'line 12', 'line 13'],
      7,
    ]);
    expect(folded(linesBetween('a\nb', 'a\nb'))).toMatchObject([{ kind: 'fold' }]);
  });

  it('is all of it where looking further would take too long', () => {
    const other = (word: string) => Array.from({ length: 3_000 }, (_, at) => `${word} ${at}`).join('\n');
    const found = linesBetween(other('a'), other('b'));
    expect([found.length, found[0]?.kind, found.at(-1)?.kind]).toEqual([6_000, 'gone', 'new']);
  });
});

describe('the versions that are compared', () => {
  const versions = [
    { version: 3, published: false },
    { version: 2, published: true },
    { version: 1, published: false },
  ];

  it('are what is published and the draft; without one the newest two', () => {
    expect(usuallyCompared({ hasDraft: true }, versions)).toEqual({ from: 2, to: 'draft' });
    expect(usuallyCompared({ hasDraft: false }, versions)).toEqual({ from: 2, to: 3 });
    expect(usuallyCompared({ hasDraft: true }, [])).toBeNull();
    expect(usuallyCompared({ hasDraft: false }, versions.slice(2))).toBeNull();
  });

  it('are those that were chosen, while they are there', () => {
    expect(comparable({ hasDraft: true }, versions).map(({ label }) => label)).toEqual([
      'the draft',
      'version 3',
      'version 2, published',
      'version 1',
    ]);
    expect(stillCompared({ from: 1, to: 3 }, { hasDraft: false }, versions)).toEqual({ from: 1, to: 3 });
    expect(stillCompared({ from: 1, to: 'draft' }, { hasDraft: false }, versions)).toEqual({
      from: 2,
      to: 3,
    });
  });
});

describe('a send to copy', () => {
  it('names the channels, whom the mail is from, and the samples', () => {
    const variable = { type: 'string', required: true } as const;
    const command = sendCommand(
      'order',
      {
        content: draft.content,
        variables: [
          { ...variable, name: 'order.id', sample: "O'Neil" },
          { ...variable, name: 'order.lines', sample: [1] },
          { ...variable, name: 'shop', sample: { name: 'Acme' } },
          { ...variable, name: 'shop.name', sample: 'other' },
          { ...variable, name: 'constructor', sample: 'Ada' },
        ],
      },
      'http://127.0.0.1:8025/v1/messages',
    );
    const [, json = ''] = /-d '(.*)'$/s.exec(command) ?? [];
    expect(JSON.parse(json.replaceAll("'\\''", "'"))).toEqual({
      channels: ['email', 'push', 'inapp'],
      to: ['jane'],
      template: 'order',
      from: 'shop@example.com',
      variables: { order: { id: "O'Neil", lines: [1] }, shop: { name: 'Acme' }, constructor: 'Ada' },
    });
  });
});
