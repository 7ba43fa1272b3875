import { describe, expect, it, onTestFinished } from 'vitest';
import type { TemplateContent } from '../../../core/model/template.ts';
import { renderSilenceMsMax } from '../../../core/templates/limits.ts';
import { TemplateThread } from '../../../core/templates/thread/template-thread.ts';
import { fakeClock } from '../../fake-clock.ts';
import { sharedRoom } from './world.ts';

const room = sharedRoom();

async function texts(
  source: string,
  variables: Record<string, unknown>,
  how: Partial<{ locale: string; timezone: string }> = {},
) {
  const content: TemplateContent = {
    email: { subject: source, format: 'html', body: `<p>${source}</p>` },
    sms: { body: source },
  };
  const { content: made, missing } = await room().render({
    id: null,
    version: null,
    content,
    locale: how.locale ?? null,
    ...(how.timezone === undefined ? {} : { timezone: how.timezone }),
    variables,
    channels: ['email', 'sms'],
  });
  return {
    html: /<p>([\s\S]*)<\/p>/.exec(made.email?.html ?? '')?.[1],
    subject: made.email?.subject,
    text: made.sms?.body,
    missing,
  };
}

describe('output', () => {
  const x = '<b>"Ada" & Bob</b>';
  const escaped = '&lt;b&gt;&#34;Ada&#34; &amp; Bob&lt;/b&gt;';
  it.each([
    ['{{ x }}', escaped],
    ['{{ x | raw }}', x],
    ['{{ x | escape }}', escaped],
    ['{% echo x %}', escaped],
    ['{% liquid echo x %}', escaped],
    ['{% cycle x, "b" %}', escaped],
    ['{% for y in list %}{{ y }}{% endfor %}', escaped],
    ['{{ x | append: x | slice: 0, 3 }}', '&lt;b&gt;'],
    ['{{ "a\nb" | newline_to_br }}', 'a<br />\nb'],
    ['{{ x | newline_to_br }}', escaped],
  ])('of %s is escaped in HTML, and in nothing else', async (source, html) => {
    const made = await texts(source, { x, list: [x] });
    expect(made.html).toBe(html);
    expect(made.text?.includes('&lt;')).toBe(source.includes('| escape'));
  });

  it('has no line breaks in a subject, whoever put them there', async () => {
    const made = await texts('Hi {{ name }}', { name: 'Ada\r\nBcc: eve@example.com\u2028x\0' });
    expect(made.subject).toBe('Hi Ada Bcc: eve@example.com x');
    expect(made.text).toBe('Hi Ada\r\nBcc: eve@example.com\u2028x\0');
  });

  it('shows own members only', async () => {
    const source =
      '[{{ x.constructor }}{{ x.__proto__ }}{{ x.toString }}{{ list.constructor.name }}{{ x.own }}]';
    expect((await texts(source, { x: { own: 1 }, list: [] })).text).toBe('[1]');
  });
});

describe('numbers, amounts and times', () => {
  const at = '2026-03-01T22:30:00Z';
  it.each([
    ['{{ n | money: "EUR" }}', 'de-AT', 'Europe/Vienna', '€ 1.234,50'],
    ['{{ n | money: "usd" }}', 'en-US', 'UTC', '$1,234.50'],
    ['{{ n | money: "JPY" }}', 'en', 'UTC', '¥1,235'],
    ['{{ n | number }}', 'de', 'UTC', '1.234,5'],
    ['{{ n | number: 0 }}', 'en', 'UTC', '1,235'],
    ['{{ "12.5" | number: 2 }}', 'en', 'UTC', '12.50'],
    ['{{ 0.19 | percent }}', 'de', 'UTC', '19 %'],
    ['{{ at | date: "long" }}', 'de', 'Europe/Vienna', '1. März 2026'],
    ['{{ at | date: "long" }}', 'de', 'Asia/Tokyo', '2. März 2026'],
    ['{{ at | date: "short", "short" }}', 'en-GB', 'Europe/Vienna', '01/03/2026, 23:30'],
    ['{{ at | date: "%d.%m.%Y %H:%M" }}', 'de', 'Europe/Vienna', '01.03.2026 23:30'],
    ['{{ at | date: "%d. %B" }}', 'de', 'Europe/Vienna', '01. März'],
    ['{{ at | date: "%H:%M", "Asia/Tokyo" }}', 'de', 'Europe/Vienna', '07:30'],
    ['{{ at | time }}', 'de', 'Europe/Vienna', '23:30'],
    // A day is the same day everywhere.
    ['{{ "2026-03-01" | date: "long" }}', 'en-US', 'America/Los_Angeles', 'March 1, 2026'],
    ['{{ 1772404200 | date: "%H:%M" }}', 'en', 'UTC', '22:30'],
    ['{{ 1772404200000 | date: "%H:%M" }}', 'en', 'UTC', '22:30'],
    // The room's clock, not the machine's.
    ['{{ "now" | date: "%Y-%m-%d %H:%M" }}', 'en', 'UTC', '2026-03-01 10:30'],
    ['{{ "now" | date_to_xmlschema }}', 'en', 'UTC', '2026-03-01T10:30:00+00:00'],
    ['{{ at | date: "short" }}', 'en-GB', 'Not/AZone', '01/03/2026'],
    ['{{ n | number }}', 'not a locale', 'UTC', '1,234.5'],
    ['{{ none | money: "EUR" }}{{ none | date }}{{ none | number }}', 'en', 'UTC', ''],
    ['{{ none | default: "there" }}', 'en', 'UTC', 'there'],
  ])('%s in %s, %s', async (source, locale, timezone, wanted) => {
    const { text } = await texts(source, { n: 1234.5, at }, { locale, timezone });
    expect(text?.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ')).toBe(wanted);
  });
});

describe('a hostile or broken template', () => {
  it.each([
    ['{% for i in (1..5000000) %}x{% endfor %}', /longer than 2 s|more than|characters long/],
    ['{% for i in (1..3000) %}{% for j in (1..3000) %}{% endfor %}{% endfor %}', /longer than 2 s/],
    [
      '{% assign x = "0123456789" %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}{{ x }}',
      /more than/,
    ],
    ['{% for i in (1..9000) %}{{ long }}{% endfor %}', /characters long|longer than 2 s|memory/],
    ['{% include "/etc/passwd" %}', /no tag “include”/],
    ['{% render "x" %}', /no tag “render”/],
    ['{% layout "x" %}', /no tag “layout”/],
    ['{% block x %}{% endblock %}', /no tag “block”/],
    ['{{ x | nonsense }}', /Undefined filter: nonsense/i],
    ['{% if x %}', /not closed/],
    ['{{ x', /not closed/],
    ['{{ n | money }}', /currency of three letters/],
    ['{{ list | money: "EUR" }}', /wants a number, not a list/],
    ['{{ "soon" | date }}', /not “soon”/],
    ['{{ n | number: 99 }}', /from 0 to 20/],
  ])('%s ends with words', async (source, words) => {
    const use = {
      id: null,
      version: null,
      content: { sms: { body: source } },
      locale: null,
      variables: { n: 1, list: [1], long: 'x'.repeat(10_000) },
      channels: ['sms'],
    } as const;
    await expect(room().render(use)).rejects.toMatchObject({
      code: 'invalid_template',
      message: expect.stringMatching(words),
      errors: [{ field: 'sms.body', code: 'liquid', detail: expect.stringMatching(words) }],
    });
    // And the next one is rendered all the same.
    expect(await room().render({ ...use, content: { sms: { body: '{{ n }}' } } })).toMatchObject({
      content: { sms: { body: '1' } },
    });
  });

  it('is ended with its thread where Liquid does not end it, and keeps nobody waiting who came after it', async () => {
    const clock = fakeClock();
    const thread = new TemplateThread(clock, { silenceMsMax: renderSilenceMsMax, what: 'rendered' });
    onTestFinished(() => thread.close());
    const ask = (source: string) =>
      thread.ask({
        kind: 'render',
        texts: [{ field: 'sms.body', mode: 'text', source }],
        variables: {},
        locale: 'en',
        timezone: 'UTC',
        nowMs: 0,
        mail: null,
      });
    await ask('warm');
    const hostile = ask('{% for i in (1..3000) %}{% for j in (1..3000) %}{% endfor %}{% endfor %}');
    const others = Array.from({ length: 20 }, (_, n) => ask(`${n}`));
    clock.advance(renderSilenceMsMax);
    await expect(hostile).rejects.toMatchObject({
      code: 'invalid_template',
      message: 'The template cannot be rendered: it takes longer than 10 s.',
    });
    expect((await Promise.all(others)).map((one) => one.ok && one.texts[0])).toEqual(
      Array.from({ length: 20 }, (_, n) => `${n}`),
    );
  });
});

describe('missing variables', () => {
  it.each([
    ['{{ a }} {{ b.c }}', { b: {} }, ['a', 'b.c']],
    ['{{ a | default: "x" }}{% if b %}{{ b }}{% endif %}', {}, ['b']],
    ['{% if b %}y{% endif %}{% unless c %}n{% endunless %}{% case d %}{% when 1 %}{% endcase %}', {}, []],
    ['{% for i in items %}{{ i.name }}{% endfor %}', {}, ['items']],
    ['{% for i in items %}{{ i.name }}{{ forloop.index }}{% endfor %}', { items: [{}] }, []],
    ['{% assign x = 1 %}{{ x }}{% capture y %}{% endcapture %}{{ y }}', {}, []],
    ['{{ items.size }}{{ items.first.name }}{{ items[0].name }}', { items: [{ name: 'a' }] }, []],
  ])('of %s', async (source, variables, missing) => {
    expect((await texts(source, variables)).missing).toEqual(missing);
  });
});
