import { describe, expect, it } from 'vitest';
import { versionCharsMax, versionsKept } from '../../../core/templates/limits.ts';
import { templateWorld } from './world.ts';

const head = { name: 'Order shipped', description: null, topic: null, locale: 'en' };
const draft = {
  content: { sms: { body: 'Hi {{ user.name }}, {{ order.id }} is on its way.' } },
  locales: { de: { sms: { body: 'Hallo {{ user.name }}, {{ order.id }} ist unterwegs.' } } },
  variables: [{ name: 'order.id', type: 'string', required: true, sample: 'A-1' }] as const,
};
const ada = { user: { name: 'Ada' }, order: { id: 'A-7' } };
const sms = (body: string) => ({ content: { sms: { body } } });

describe('templates', () => {
  it('render what is published, in the language of the user', async () => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, draft);
    expect(id).toBe('order-shipped');
    const use = { id, version: null, locale: 'de-AT', variables: ada, channels: ['sms'] } as const;
    await expect(room.render(use)).rejects.toMatchObject({ code: 'unpublished' });
    const published = await room.publish(id, null);
    expect(published).toMatchObject({ published: 1, draft: null, revision: 2 });
    expect(await room.render(use)).toMatchObject({
      version: 1,
      locale: 'de',
      content: { sms: { body: 'Hallo Ada, A-7 ist unterwegs.' } },
      missing: [],
    });
    expect(await room.render({ ...use, locale: 'fr' })).toMatchObject({
      locale: null,
      content: { sms: { body: 'Hi Ada, A-7 is on its way.' } },
    });
    expect(await room.render({ ...use, channels: ['email', 'push'] })).toMatchObject({ content: {} });
  });

  it('take what a send says in place of what they say', async () => {
    const { room, publish } = await templateWorld();
    const id = await publish({
      content: { push: { title: 'T', body: 'B', link: 'app://x' }, sms: { body: 'S' } },
    });
    const { content } = await room.render({
      id,
      version: null,
      content: { push: { body: 'Mine {{ n }}' }, inapp: { body: 'Also' }, email: { subject: 'a piece' } },
      locale: null,
      variables: { n: 1 },
      channels: ['email', 'push', 'sms', 'inapp'],
    });
    expect(content).toEqual({
      push: { title: 'T', body: 'Mine 1', link: 'app://x' },
      sms: { body: 'S' },
      inapp: { body: 'Also' },
    });
  });

  it.each([
    [{}, 'required', 'variables.order.id'],
    [{ order: {} }, 'required', 'variables.order.id'],
    [{ order: { id: null } }, 'required', 'variables.order.id'],
    [{ order: { id: 7 } }, 'wrong_type', 'variables.order.id'],
    [{ order: 'A-7' }, 'required', 'variables.order.id'],
  ])('refuse variables that they cannot be rendered with: %j', async (variables, code, field) => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, draft);
    const refused = room.render({ id, version: 'draft', locale: null, variables, channels: ['sms'] });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_submission', errors: [{ field, code }] });
  });

  it.each([
    ['number', '12', false],
    ['number', 12, true],
    ['boolean', 'true', false],
    ['boolean', false, true],
    ['date', '2026-03-01', true],
    ['date', 1_772_404_200, true],
    ['date', 'soon', false],
    ['list', [], true],
    ['list', {}, false],
    ['object', {}, true],
    ['object', [], false],
  ] as const)('hold a variable of type %s against %j', async (type, x, fits) => {
    const { room } = await templateWorld();
    const variables = [{ name: 'x', type, required: true, sample: null }];
    const { id } = await room.make(null, head, { ...sms('text'), locales: {}, variables });
    const asked = room.render({ id, version: 'draft', locale: null, variables: { x }, channels: ['sms'] });
    if (fits) await expect(asked).resolves.toBeDefined();
    else await expect(asked).rejects.toMatchObject({ errors: [{ code: 'wrong_type' }] });
  });
});

describe('versions', () => {
  it('are kept as they were published; the draft is apart from them', async () => {
    const { room, again } = await templateWorld();
    const { id } = await room.make(null, head, draft);
    await room.publish(id, null);
    const changed = await room.change(id, null, sms('Second {{ order.id }}'));
    expect(changed).toMatchObject({ draft: { version: 2 }, published: 1 });
    expect(room.changes(id)).toEqual([
      { field: 'content.sms.body', before: draft.content.sms.body, after: 'Second {{ order.id }}' },
    ]);
    expect(room.version(id, null).content).toEqual(draft.content);
    expect(room.version(id, 'draft').content).toEqual({ sms: { body: 'Second {{ order.id }}' } });
    await room.publish(id, null);
    expect(room.changes(id)).toEqual([]);
    const restored = await room.restore(id, 1, null);
    expect(restored).toMatchObject({ published: 2, draft: { version: 3, content: draft.content } });
    // What is written back to what it was is no change.
    expect(await room.change(id, null, sms('Second {{ order.id }}'))).toMatchObject({ draft: null });
    expect(await room.unpublish(id, null)).toMatchObject({ published: null });
    const before = room.find(id);
    expect((await again()).find(id)).toEqual(before);
    await expect(async () => room.version(id, 9)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('can be held against each other, any two of them and the draft', async () => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, draft);
    expect(room.changes(id).map(({ field }) => field)).toEqual([
      'content.sms',
      'locales.de',
      'variables.order.id',
    ]);
    for (const body of ['Two {{ order.id }}', 'Three {{ order.id }}']) {
      await room.publish(id, null);
      await room.change(id, null, sms(body));
    }
    const [one, two, three] = [draft.content.sms.body, 'Two {{ order.id }}', 'Three {{ order.id }}'];
    const between = (from?: number | 'draft' | null, to?: number | 'draft' | null) =>
      room.changes(id, { from, to }).map(({ before, after }) => [before, after]);
    expect(between()).toEqual([[two, three]]);
    expect(between(1)).toEqual([[one, three]]);
    expect(between(1, 2)).toEqual([[one, two]]);
    expect(between('draft', 1)).toEqual([[three, one]]);
    expect(between(1, null)).toEqual([[one, two]]);
    expect(between(2, 2)).toEqual([]);
    expect(() => between(1, 9)).toThrow('has no version 9 any more');
    await room.unpublish(id, null);
    expect(between()).toEqual([[two, three]]);
    expect(() => between(null)).toThrow('is not published');
  });

  it('that are old go, but for the published one', async () => {
    const { room, again } = await templateWorld();
    const { id } = await room.make(null, head, { ...draft, ...sms('0 {{ order.id }}') });
    for (let n = 1; n <= versionsKept + 5; n++) {
      await room.change(id, null, sms(`${n} {{ order.id }}`));
      await room.publish(id, null);
    }
    const numbers = room.find(id).versions.map(({ version }) => version);
    expect(numbers).toHaveLength(versionsKept);
    expect(numbers[0]).toBe(6);
    expect((await again()).find(id).versions).toHaveLength(versionsKept);
  }, 60_000);

  it('are one for all who publish at once: the others are told', async () => {
    const { room } = await templateWorld();
    const { id, revision } = await room.make(null, head, draft);
    const both = await Promise.allSettled([room.publish(id, revision), room.publish(id, revision)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(room.find(id)).toMatchObject({ published: 1, versions: [{ version: 1 }] });
  });
});

describe('two who write', () => {
  it('do not undo each other: the second is told', async () => {
    const { room } = await templateWorld();
    const { id, revision } = await room.make(null, head, draft);
    const both = await Promise.allSettled([
      room.change(id, revision, sms('Mine')),
      room.change(id, revision, sms('Yours')),
    ]);
    expect(both).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'changed_meanwhile' } },
    ]);
    expect(room.version(id, 'draft').content.sms?.body).toBe('Mine');
    expect(await room.change(id, null, sms('Whatever it is'))).toMatchObject({ revision: 3 });
  });

  it('may make one of the same name, and not of the same id', async () => {
    const { room } = await templateWorld();
    const made = await Promise.allSettled([
      room.make(null, head, draft),
      room.make(null, head, draft),
      room.make('order-shipped', head, draft),
    ]);
    expect(made).toMatchObject([
      { value: { id: 'order-shipped' } },
      { value: { id: 'order-shipped-2' } },
      { reason: { code: 'not_possible' } },
    ]);
    const copy = await room.duplicate('order-shipped', { id: null, name: null });
    expect(copy).toMatchObject({ id: 'order-shipped-copy', name: 'Order shipped (copy)', revision: 1 });
    await room.remove('order-shipped', null);
    expect(room.list().map(({ id }) => id)).toEqual(['order-shipped-2', 'order-shipped-copy']);
  });

  it('cannot write more than there is room for', async () => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, draft);
    const locales = Object.fromEntries(
      ['de', 'fr', 'it', 'es'].map((locale) => [
        locale,
        { email: { body: 'x'.repeat(versionCharsMax / 3) } },
      ]),
    );
    await expect(room.change(id, null, { locales })).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('before it is published a template is checked', () => {
  const whole = { locales: {}, variables: [] };
  it.each([
    [
      { ...whole, content: {} },
      { field: 'content', code: 'empty' },
    ],
    [
      { ...whole, content: { sms: { body: ' ' } } },
      { field: 'content.sms.body', code: 'empty' },
    ],
    [
      { ...whole, content: { sms: { body: 'a\n{% if x %}' } } },
      { field: 'content.sms.body', code: 'liquid', line: 2 },
    ],
    [
      { ...whole, content: { sms: { body: '\n\n{{ nobody }}' } } },
      { field: 'content.sms.body', code: 'undeclared', line: 3 },
    ],
    [
      { ...whole, content: { push: { body: 'x', data: { a: '{{ nobody }}' } } } },
      { field: 'content.push.data.a', code: 'undeclared' },
    ],
    [
      { ...whole, content: { inapp: { body: 'x', data: { deep: { list: ['{{ nobody }}'] } } } } },
      { field: 'content.inapp.data.deep.list[0]', code: 'undeclared' },
    ],
    [
      { ...whole, content: { sms: { body: 'x' } }, locales: { de: { sms: { body: '{{ niemand }}' } } } },
      { field: 'locales.de.sms.body', code: 'undeclared' },
    ],
    [
      { ...whole, content: { sms: { body: 'x' } }, locales: { de: { push: { body: 'y' } } } },
      { field: 'locales.de.push', code: 'no_channel' },
    ],
    [
      {
        ...whole,
        content: {
          email: { subject: 'x', format: 'mjml', body: '<mjml>\n<mj-nonsense></mj-nonsense></mjml>' },
        },
      },
      { field: 'content.email.body', code: 'mjml' },
    ],
    [
      { ...whole, content: { inapp: { body: '' } } },
      { field: 'content.inapp.body', code: 'empty' },
    ],
    [
      { ...whole, content: { inapp: { body: 'x', slides: [{ actions: [{ label: '{{ nobody }}' }] }] } } },
      { field: 'content.inapp.slides[0].actions[0].label', code: 'undeclared' },
    ],
    [
      { ...whole, content: { inapp: { body: 'x', link: 'nowhere' } }, locales: { de: {} } },
      { field: 'content.inapp.link', code: 'refused', detail: 'It leads nowhere.' },
    ],
    [
      {
        ...whole,
        content: { inapp: { body: 'x' } },
        locales: { de: { inapp: { link: '{{ "no" }}where' } } },
      },
      { field: 'locales.de.inapp.link', code: 'refused' },
    ],
    [
      { ...whole, content: { sms: { body: '{{ user.plan | money }}{{ 1 | money }}' } } },
      { field: 'content.sms.body', code: 'liquid', detail: expect.stringContaining('With its samples') },
    ],
  ] as const)('%j', async (wrong, error) => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, wrong);
    expect((await room.check(id)).errors).toContainEqual(expect.objectContaining(error));
    await expect(room.publish(id, null)).rejects.toMatchObject({
      code: 'invalid_template',
      errors: expect.arrayContaining([expect.objectContaining({ field: error.field, code: error.code })]),
    });
    expect(room.find(id)).toMatchObject({ published: null, versions: [] });
  });

  it('unless it is not known before somebody gives what has no sample', async () => {
    const { room } = await templateWorld();
    const variables = [{ name: 'words', type: 'string', required: true, sample: null }] as const;
    const { id } = await room.make(null, head, {
      content: { inapp: { body: '{{ words }}', link: 'no{{ words }}where', title: '{{ user.greeting }}' } },
      locales: {},
      variables,
    });
    expect((await room.check(id)).errors).toEqual([]);
    await room.change(id, null, {
      variables: [{ ...variables[0], sample: '' }],
      content: { inapp: { body: '{{ words }}', link: 'no{{ words }}where' } },
    });
    expect((await room.check(id)).errors).toMatchObject([{ field: 'content.inapp.link', code: 'refused' }]);
  });

  it('and need not say in a body what its slides or its picture say', async () => {
    const { publish, room } = await templateWorld();
    const slides = [
      { title: 'Hi {{ user.name }}', actions: [{ label: 'Go', style: 'secondary', dismisses: false }] },
    ] as const;
    const id = await publish({ content: { inapp: { body: '', display: { kind: 'carousel' }, slides } } });
    await publish({ content: { inapp: { body: '', image: 'https://app.example/a.png' } } });
    const asked = { version: null, locale: null, channels: ['inapp'], variables: {}, user: null } as const;
    expect((await room.preview(id, asked)).inapp).toMatchObject({
      content: {
        body: null,
        slides: [
          { title: 'Hi Ada Lovelace', body: null, actions: [{ style: 'secondary', dismisses: false }] },
        ],
      },
      // As the channel keeps it: the feed keeps what is for the feed.
      saveToInbox: false,
    });
  });

  it('and told what is odd about it all the same', async () => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, {
      content: { email: { subject: 'x', format: 'html', body: '<p>{{ order.note | raw }}</p>' } },
      locales: {},
      variables: [
        { name: 'order', type: 'object', required: true, sample: 'A-1' },
        { name: 'unused', type: 'string', required: false, sample: null },
      ],
    });
    expect((await room.check(id)).warnings.map(({ field, code }) => [field, code])).toEqual([
      ['variables.order.sample', 'sample'],
      ['content.email.body', 'unescaped'],
      ['variables.unused', 'unused'],
    ]);
  });
});

describe('a preview', () => {
  it('says what each channel would show, and what is odd', async () => {
    const { room } = await templateWorld();
    const { id } = await room.make(null, head, {
      content: {
        email: {
          subject: `{{ order.id }} ${'long '.repeat(20)}`,
          format: 'html',
          body: '<p>{{ note | raw }}</p>',
        },
        push: { title: 'T', body: 'Longer than the test’s provider takes' },
        sms: { body: 'It’s {{ order.id }}' },
        inapp: { body: '{{ missing }}!', actions: [{ label: 'Go' }], display: { kind: 'banner' } },
      },
      locales: {},
      variables: [
        { name: 'order.id', type: 'string', required: true, sample: 'A-1' },
        { name: 'note', type: 'string', required: false, sample: '<b>n</b>' },
        { name: 'missing', type: 'string', required: false, sample: null },
      ],
    });
    const request = {
      version: 'draft',
      locale: null,
      channels: ['email', 'push', 'sms', 'inapp'],
      user: null,
    } as const;
    const preview = await room.preview(id, { ...request, variables: { order: { id: 'B-2' } } });
    expect(preview).toMatchObject({
      version: 1,
      email: { html: expect.stringContaining('<p><b>n</b></p>'), text: 'n\n' },
      push: { title: 'T', sizes: [{ provider: 'apns', bytes: 37, bytesMax: 20 }] },
      sms: { text: 'It’s B-2', encoding: 'UCS-2', parts: 1, unicode: [{ character: '’', instead: "'" }] },
      inapp: {
        content: { body: '!', actions: [{ id: 'action-1', label: 'Go' }] },
        display: { kind: 'banner', frequency: 'once' },
      },
    });
    expect(preview.warnings.map(({ field, code }) => `${field} ${code}`)).toEqual([
      'variables.missing missing',
      'variables.note sample',
      'email.body unescaped',
      'email.subject too_long',
      'push too_large',
      'sms.body unicode',
    ]);
  });
});
