/** Every preset on the wire: as an unmodified client reads it, and as our own delivery core does. */
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { type Preset, presets } from '../../../core/rules/presets/index.ts';
import type { Action } from '../../../core/rules/schema.ts';
import { classOf } from '../rules/class-of-kind.ts';
import { type AttemptView, hourMs, minuteMs, startWorld, type World } from './journey.ts';

type Replying = Extract<Action, { do: 'reject' | 'defer' | 'refuseConnection' }>;

interface ReplyingPreset {
  readonly preset: Preset;
  readonly action: Replying;
}

const replying = presets.flatMap((preset): ReplyingPreset[] => {
  const action = preset.rule.then;
  const replies =
    action.do === 'reject' ||
    action.do === 'defer' ||
    (action.do === 'refuseConnection' && action.how === 'reply');
  return replies ? [{ preset, action }] : [];
});
const groups = [...new Set(replying.map(({ preset }) => preset.group))];

/** A recipient whom the rule is about. */
function recipientOf({ id, provider, group }: Preset): string {
  const domains: Readonly<Partial<Record<Preset['provider'], string>>> = {
    gmail: 'gmail.com',
    outlook: 'outlook.com',
    yahoo: 'yahoo.com',
    corporate: 'corp.example',
    ...(group === 'iCloud' ? { default: 'icloud.com' } : {}),
  };
  return `${id}@${domains[provider] ?? 'else.example'}`;
}

/** The whole reply as RFC 5321 section 4.2.1 has it on the wire, with what is not known beforehand as a pattern. */
function expectedReply(action: Replying, recipient: string, sender: string): RegExp {
  const enhanced = 'enhanced' in action && action.enhanced !== undefined ? `${action.enhanced} ` : '';
  const lines = action.text.split('\n');
  const whole = lines
    .map((line, at) => `${action.code}${at === lines.length - 1 ? ' ' : '-'}${enhanced}${line}`)
    .join('\n');
  const filled: Readonly<Record<string, string>> = {
    recipient: literal(recipient),
    sender: literal(sender),
    domain: literal(sender.slice(sender.lastIndexOf('@') + 1)),
    ip: String.raw`(?:\d{1,3}\.){3}\d{1,3}`,
    host: String.raw`[a-z0-9-]+(?:\.[a-z0-9-]+)+`,
    id: '[A-Za-z0-9.-]+',
    bytesMax: String.raw`\d+`,
  };
  const pattern = literal(whole).replace(/\\\{(\w+)\\\}/g, (_, name: string) => filled[name] ?? `<${name}?>`);
  return new RegExp(`^${pattern}$`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
}

async function force(world: World, preset: Preset): Promise<void> {
  await world.call('PUT', '/v1/rules', { rules: [{ id: preset.id, ...preset.rule }] });
}

/** The reply that made nodemailer give up, line by line as it read it. */
async function readByNodemailer(world: World, from: string, to: string): Promise<string> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: world.core.port('mx'),
    ignoreTLS: true,
    name: 'mail.nobody.example',
  });
  try {
    await transport.sendMail({ from, to, subject: 'Hello', text: 'Shall we meet?' });
    return '250';
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'response' in error) return String(error.response);
    return String(error);
  } finally {
    transport.close();
  }
}

describe('read by nodemailer at the MX, every preset says the very reply that it names', () => {
  it.each(groups)('%s', async (group) => {
    const world = await startWorld();
    const wrong: string[] = [];
    for (const { preset, action } of replying.filter((one) => one.preset.group === group)) {
      await force(world, preset);
      const recipient = recipientOf(preset);
      const sender = 'ann@nobody.example';
      const said = await readByNodemailer(world, sender, recipient);
      const expected = expectedReply(action, recipient, sender);
      if (!expected.test(said)) wrong.push(`${preset.id}:\n${said}\nis not\n${expected.source}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('met by our own delivery core, every preset is said at its moment', () => {
  it.each(groups)('%s', async (group) => {
    const world = await startWorld();
    const wrong: string[] = [];
    for (const { preset, action } of replying.filter((one) => one.preset.group === group)) {
      await force(world, preset);
      const recipient = recipientOf(preset);
      const id = await world.send(recipient, { subject: preset.id });
      const [attempt] = await world.attempts(id);
      const { status, substatus } = await world.delivery(id);
      const expected = expectedReply(action, recipient, 'hello@shop.example');
      const said = attempt === undefined ? [] : repliesIn(attempt);
      if (!said.some((one) => expected.test(one.text)))
        wrong.push(`${preset.id}:\n${said.map(({ text }) => text).join('\n')}\nhas not\n${expected.source}`);
      const moment = said.find((one) => expected.test(one.text))?.after;
      const wanted = action.do === 'refuseConnection' ? 'connect' : (action.at ?? 'rcpt');
      if (moment !== undefined && moment !== wanted) wrong.push(`${preset.id}: at ${moment}, not ${wanted}`);
      if (attempt?.code !== action.code)
        wrong.push(`${preset.id}: the attempt has the code ${attempt?.code}`);
      // What is meant for nobody has no class of its kind: a host without SMTP is passed over for the next.
      if (action.do !== 'refuseConnection' && attempt?.class !== classOf[preset.kind])
        wrong.push(`${preset.id}: it is taken for ${attempt?.class}, not ${classOf[preset.kind]}`);
      const ends = action.code >= 500 ? 'undeliverable' : 'queued deferred';
      const is = substatus === null ? status : `${status} ${substatus}`;
      // A refusal in the place of a greeting is about this host alone: another one may take it.
      if (is !== ends && wanted !== 'connect') wrong.push(`${preset.id}: it is ${is}, not ${ends}`);
    }
    expect(wrong).toEqual([]);
  });
});

interface SaidReply {
  readonly text: string;
  /** What it answers. */
  readonly after: string;
}

/** The replies of the far side, whole, each with what it answers: commands may come several at a time (RFC 2920). */
function repliesIn({ evidence }: AttemptView): readonly SaidReply[] {
  const replies: SaidReply[] = [];
  const waiting: string[] = [];
  let lines: string[] = [];
  for (const { by, text } of evidence.transcript)
    for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) {
      const command =
        by === 'client' ? /^(EHLO|STARTTLS|MAIL|RCPT|DATA|RSET|QUIT)\b/i.exec(line)?.[1] : undefined;
      if (command !== undefined) waiting.push(command.toLowerCase());
      if (by !== 'server') continue;
      lines.push(line);
      if (/^\d{3}-/.test(line)) continue;
      // Nobody asked: the greeting.
      replies.push({ text: lines.join('\n'), after: waiting.shift() ?? 'connect' });
      if (line.startsWith('354')) waiting.unshift('endOfData');
      lines = [];
    }
  return replies;
}

describe('a preset without a reply', () => {
  const named = (id: string): Preset => {
    const preset = presets.find((one) => one.id === id);
    if (preset === undefined) throw new Error(`there is no preset ${id}`);
    return preset;
  };

  it.each(presets.filter(({ kind }) => kind === 'placement').map((preset) => ({ id: preset.id, preset })))(
    '$id: it gets there',
    async ({ preset }) => {
      const world = await startWorld();
      await force(world, preset);
      const id = await world.send(recipientOf(preset));
      const { then } = preset.rule;
      expect(await world.delivery(id)).toMatchObject({
        status: 'delivered',
        placement: then.do === 'place' ? then.in : null,
      });
    },
  );

  it.each(
    presets.filter(({ rule }) => rule.then.do === 'bounceLater').map((preset) => ({ id: preset.id, preset })),
  )('$id: 250, and a DSN in its words later', async ({ preset }) => {
    const world = await startWorld();
    await force(world, preset);
    const recipient = recipientOf(preset);
    const id = await world.submit(recipient);
    expect((await world.delivery(id)).status).toBe('sent');
    await world.clock({ advanceMs: hourMs });
    const delivery = await world.delivery(id);
    expect(delivery.status).toBe('undeliverable');
    const [dsn] = await world.messages(`to:"b+${delivery.id}@bounce.shop.example"`);
    const raw = String(await world.core.raw(dsn?.id ?? '')).replace(/\r\n[ \t]+/g, ' ');
    const { then } = preset.rule;
    if (then.do !== 'bounceLater') throw new Error(`${preset.id} does not bounce later`);
    expect(raw).toContain(`Status: ${then.enhanced}`);
    expect(raw).toContain(
      `Diagnostic-Code: smtp; ${then.code} ${then.enhanced} ${then.text.replace('{recipient}', recipient)}`,
    );
  });

  it.each(presets.filter(({ kind }) => kind === 'complains').map((preset) => ({ id: preset.id, preset })))(
    '$id: a complaint comes back',
    async ({ preset }) => {
      const world = await startWorld();
      await force(world, preset);
      // Providers differ in how they report; one that reports by ARF tells of each.
      const recipient = preset.provider === 'any' ? 'jane@yahoo.com' : recipientOf(preset);
      const id = await world.submit(recipient, { stream: 'marketing' });
      await world.clock({ advanceMs: hourMs });
      expect((await world.events(id)).map(({ type }) => type)).toContain('complained');
    },
  );

  it('unreachable: the connection is reset at every host, and two hours later it goes through', async () => {
    const world = await startWorld();
    await force(world, named('unreachable'));
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ status: 'queued', substatus: 'deferred' });
    expect((await world.attempts(id))[0]).toMatchObject({ code: null, class: 'network' });
    await world.clock({ advanceMs: 2 * hourMs - minuteMs });
    expect((await world.delivery(id)).status).toBe('queued');
    await world.clock({ advanceMs: 6 * hourMs });
    expect((await world.delivery(id)).status).toBe('delivered');
  });

  it('starttls-broken: the handshake is cut, and the attempt tells', async () => {
    const world = await startWorld();
    await force(world, named('starttls-broken'));
    const id = await world.send('jane@gmail.com');
    const [attempt] = await world.attempts(id);
    expect(attempt?.evidence.transcript.some(({ text }) => /^STARTTLS/.test(text))).toBe(true);
  });

  it('reply-lost: taken twice, since nobody said that it was taken', async () => {
    const world = await startWorld();
    await world.call('PUT', '/v1/rules', {
      rules: [{ id: 'once', ...named('reply-lost').rule, when: { atMost: 1 } }],
    });
    const id = await world.send('jane@gmail.com');
    expect((await world.delivery(id)).status).toBe('queued');
    await world.clock({ advanceMs: hourMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect((await world.inbox('jane@gmail.com')).length).toBe(2);
  });
});

describe('an outage of two hours', () => {
  it.each(['gmail-outage', 'outlook-outage', 'yahoo-outage', 'icloud-outage', 'rfc-outage'])(
    '%s ends by itself',
    async (id) => {
      const preset = presets.find((one) => one.id === id);
      if (preset === undefined) throw new Error(`there is no preset ${id}`);
      const world = await startWorld();
      await force(world, preset);
      const message = await world.send(recipientOf(preset));
      await world.clock({ advanceMs: 2 * hourMs - minuteMs });
      expect(await world.delivery(message)).toMatchObject({ status: 'queued', substatus: 'deferred' });
      await world.clock({ advanceMs: 8 * hourMs });
      expect((await world.delivery(message)).status).toBe('delivered');
    },
  );
});
