import { describe, expect, it } from 'vitest';
import { openLocalCa } from '../../../core/doors/tls/local-ca.ts';
import { noOrders } from '../../../core/rules/decision.ts';
import type { Point } from '../../../core/rules/schema.ts';
import { temporaryFolder } from '../../start-core.ts';
import { said } from '../channels/email/carry-mail.ts';
import { type FarSide, openFarSide } from './far-side.ts';
import { afterwards, answering, attempt, carrierTo, connecting } from './ordered.ts';
import { goodZone, letter, sign } from './signed-mail.ts';

const jane = 'jane@far.example';
const bob = 'bob@far.example';
const copiesOf = (far: FarSide) =>
  [...far.copies.values()].map(({ mailbox, placement }) => ({ mailbox, placement }));

describe('what the far side is ordered to say to a delivery of our own', () => {
  it.each<Point>(['connect', 'ehlo', 'mail', 'rcpt', 'data', 'endOfData'])(
    'a refusal at %s ends it, in the words of the rule',
    async (at) => {
      const far = await openFarSide({ zone: goodZone });
      const action = {
        do: 'reject',
        code: 550,
        enhanced: '5.7.1',
        text: '[{ip}] is blocked\nby {host}',
        at,
      };
      const orders = at === 'connect' || at === 'ehlo' ? connecting(action, at) : answering(action, at);
      const { results, evidence } = await attempt(carrierTo(far), { [jane]: orders });
      expect(results).toMatchObject([{ outcome: { kind: 'failed' }, code: 550, enhanced: '5.7.1' }]);
      expect(results[0]?.text).toMatch(/^550 5\.7\.1 \[192\.0\.2\.10\] is blocked\s+by mx[12]\.default/);
      expect(evidence.rules?.[0]).toEqual({
        recipient: at === 'rcpt' ? jane : null,
        ruleId: 'r1',
        label: 'a bad day',
        action: 'reject',
        point: at,
      });
      expect(far.copies.size).toBe(0);
    },
  );

  it.each<Point>(['connect', 'ehlo', 'mail', 'rcpt', 'data', 'endOfData'])(
    'not now at %s defers it, and the time that it names is believed',
    async (at) => {
      const far = await openFarSide({ zone: goodZone });
      const action = { do: 'defer', code: 421, enhanced: '4.7.0', text: 'Try again in 7 minutes', at };
      const orders = at === 'connect' || at === 'ehlo' ? connecting(action, at) : answering(action, at);
      const { results } = await attempt(carrierTo(far), { [jane]: orders });
      expect(results).toMatchObject([{ outcome: { kind: 'deferred', retryAfterMs: 420_000 }, code: 421 }]);
      expect(far.copies.size).toBe(0);
    },
  );

  it.each<[Point, string]>([
    ['connect', 'the greeting'],
    ['ehlo', 'EHLO'],
    ['mail', 'MAIL'],
    ['rcpt', 'RCPT'],
    ['data', 'DATA'],
  ])('a connection cut at %s is a wait for a new try', async (at) => {
    const far = await openFarSide({ zone: goodZone });
    const action = { do: 'disconnect', at };
    const orders = at === 'connect' || at === 'ehlo' ? connecting(action, at) : answering(action, at);
    const carried = await attempt(carrierTo(far), { [jane]: orders });
    expect(carried.results).toMatchObject([
      { outcome: { kind: 'deferred' }, class: 'network', code: null, suppresses: 'never' },
    ]);
    expect(said(carried)).toContain(
      `N: by the rule “a bad day”: disconnect at ${at}${at === 'rcpt' ? ` for ${jane}` : ''}`,
    );
    // Both hosts were asked: the connection was lost before anything was handed over (RFC 5321 §5.1).
    expect(carried.evidence.rules?.length).toBe(2);
    expect(far.copies.size).toBe(0);
  });

  it('a connection cut within DATA leaves nothing behind, and is a wait', async () => {
    const far = await openFarSide({ zone: goodZone });
    const content = letter({ to: jane, text: 'a line of some length, again and again\r\n'.repeat(20_000) });
    const { results } = await attempt(carrierTo(far, { content }), {
      [jane]: answering({ do: 'disconnect', at: 'midData', afterBytes: 10_000 }, 'midData'),
    });
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'network' }]);
    expect(far.copies.size).toBe(0);
  });

  it('a connection cut after the dot is a wait, and says that it may have arrived; where it was kept, it has', async () => {
    for (const keep of [false, true]) {
      const far = await openFarSide({ zone: goodZone });
      const orders = answering({ do: 'disconnect', at: 'endOfData', keep }, 'endOfData');
      const carrier = carrierTo(far);
      const { results } = await attempt(carrier, { [jane]: orders });
      expect(results).toMatchObject([{ outcome: { kind: 'deferred' } }]);
      expect(results[0]?.text).toContain('it may have been delivered');
      expect(far.copies.size).toBe(keep ? 1 : 0);
      await attempt(carrier, { [jane]: noOrders });
      expect(far.copies.size).toBe(keep ? 2 : 1);
    }
  });

  it('refused connections: every host of the domain, and it waits', async () => {
    const far = await openFarSide({ zone: goodZone });
    const carried = await attempt(carrierTo(far), {
      [jane]: connecting({ do: 'refuseConnection' }, 'connect'),
    });
    expect(carried.results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'network' }]);
    expect(said(carried).filter((line) => line.includes('connection refused')).length).toBe(2);
  });

  it.each([
    [421, 'deferred'],
    [554, 'failed'],
  ] as const)('a %s in place of the greeting: the next host, and then it is %s', async (code, kind) => {
    const far = await openFarSide({ zone: goodZone });
    const carried = await attempt(carrierTo(far), {
      [jane]: connecting({ do: 'refuseConnection', how: 'reply', code }, 'connect'),
    });
    expect(carried.results).toMatchObject([{ outcome: { kind }, code, suppresses: 'never' }]);
    const greeted = said(carried).filter((line) => line.startsWith('S: '));
    expect(greeted).toEqual([`S: ${code} No SMTP service here`, `S: ${code} No SMTP service here`]);
  });

  it.each([
    ['notOffered', /STARTTLS is required here and not offered there/],
    ['refuse', /454/],
    ['cut', /the TLS handshake failed/],
  ] as const)('broken TLS (%s): in the clear where that may be, and else not at all', async (how, why) => {
    const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
    const far = await openFarSide({ zone: goodZone, ports: { certificate: ca.server } });
    const orders = connecting({ do: 'breakTls', how }, 'tls');
    const clear = await attempt(carrierTo(far), { [jane]: orders });
    expect(clear.results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    expect([...far.copies.values()][0]?.authentication.client.tls).toBe(false);
    const strict = await attempt(carrierTo(far, { ports: { tls: () => 'required' } }), { [jane]: orders });
    expect(strict.results).toMatchObject([{ outcome: { kind: 'deferred' } }]);
    expect(said(strict).join('\n')).toMatch(why);
    expect(far.copies.size).toBe(1);
  });

  it('a slow line is a connection of its own, which nobody uses afterwards', async () => {
    const far = await openFarSide({ zone: goodZone });
    const carrier = carrierTo(far);
    await attempt(carrier, { [bob]: noOrders });
    let done = false;
    const slow = attempt(carrier, {
      [jane]: connecting({ do: 'slow', bytesPerSecond: 200 }, 'connect'),
    }).finally(() => {
      done = true;
    });
    let waitedMs = 0;
    while (!done) {
      // A turn with a moment in it: the threads that read the message must not see time run out.
      await new Promise((resolve) => setTimeout(resolve, 1));
      far.clock.advance(50);
      waitedMs += 50;
    }
    expect((await slow).results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    // Some 700 bytes of the client's alone.
    expect(waitedMs).toBeGreaterThan(3_000);
    const next = await attempt(carrier, { [bob]: noOrders });
    expect(said(next)[0]).toContain('is used again, after 1 message');
  });

  it('what RCPT says is for the one that it names: the other goes on in the same transaction', async () => {
    const far = await openFarSide({ zone: goodZone });
    const { results, evidence } = await attempt(carrierTo(far), {
      [jane]: answering({ do: 'reject', code: 550, enhanced: '5.1.1', text: '{recipient}: unknown' }, 'rcpt'),
      [bob]: noOrders,
    });
    expect(results).toMatchObject([
      {
        outcome: { kind: 'failed' },
        class: 'bad_address',
        suppresses: 'now',
        text: `550 5.1.1 ${jane}: unknown`,
      },
      { outcome: { kind: 'sent' } },
    ]);
    expect(evidence.transcript.filter(({ text }) => text.startsWith('MAIL')).length).toBe(1);
    expect(copiesOf(far)).toEqual([{ mailbox: bob, placement: 'inbox' }]);
  });
});

describe('what is done to it after the yes', () => {
  it('lost: sent, in no mailbox, and its delivery will never know', async () => {
    const far = await openFarSide({ zone: goodZone });
    const { results } = await attempt(carrierTo(far), {
      [jane]: afterwards({ do: 'blackHole' }),
      [bob]: noOrders,
    });
    expect(results).toMatchObject([
      {
        outcome: { kind: 'sent' },
        unconfirmed: 'taken and lost on purpose, by the rule “a bad day”',
      },
      { outcome: { kind: 'sent' } },
    ]);
    expect(results[1]).not.toHaveProperty('unconfirmed');
    expect(copiesOf(far)).toEqual([{ mailbox: bob, placement: 'inbox' }]);
    expect(far.acts).toEqual([]);
  });

  it('made more than one: so many copies, of the same delivery', async () => {
    const far = await openFarSide({ zone: goodZone });
    await attempt(carrierTo(far), { [jane]: afterwards({ do: 'duplicate', copies: 3 }) });
    expect([...far.copies.values()].map(({ deliveryId }) => deliveryId)).toEqual(
      Array.from({ length: 3 }, () => `delivery to ${jane}`),
    );
  });

  it('late: in its mailbox after so much virtual time, its doubles too', async () => {
    const far = await openFarSide({ zone: goodZone });
    await attempt(carrierTo(far), {
      [jane]: afterwards({ do: 'delay', ms: 60_000, msMax: 120_000 }, { do: 'duplicate' }),
    });
    await far.pass(89_999);
    expect(far.copies.size).toBe(0);
    await far.pass(1);
    expect(far.copies.size).toBe(2);
  });

  it('bounced later, with the words of the rule', async () => {
    const far = await openFarSide({ zone: goodZone });
    await attempt(carrierTo(far), {
      [jane]: afterwards({
        do: 'bounceLater',
        afterMs: 300_000,
        code: 552,
        enhanced: '5.2.2',
        text: '<{recipient}> is over quota',
      }),
    });
    await far.pass(299_999);
    expect(far.sent).toEqual([]);
    await far.pass(1);
    const report = Buffer.from(far.sent[0]?.bytes ?? []).toString();
    expect(report).toContain('Status: 5.2.2');
    expect(report).toContain(`smtp; 552 5.2.2 <${jane}> is over quota`);
    expect(far.copies.size).toBe(0);
  });

  it('complained about, at the time of the rule', async () => {
    const far = await openFarSide({ zone: goodZone });
    await attempt(carrierTo(far), { [jane]: afterwards({ do: 'complain', afterMs: 1_000 }) });
    await far.pass(1_000);
    expect([...far.copies.values()][0]).toMatchObject({ placement: 'spam', flags: { reportedSpam: true } });
    expect(far.facts.map(({ type }) => type)).toEqual(['complained']);
  });

  it('placed, and the report of the filter says by whom', async () => {
    const far = await openFarSide({ zone: goodZone });
    await attempt(carrierTo(far), { [jane]: afterwards({ do: 'place', in: 'spam' }) });
    const [copy] = [...far.copies.values()];
    expect(copy?.placement).toBe('spam');
    expect(copy?.filter.reasons.at(-1)).toEqual({
      code: 'by_rule',
      points: 0,
      detail: 'It goes to spam by the rule “a bad day”.',
      stage: 'recipient',
    });
  });

  it('answered by itself, each time, in the words of the rule', async () => {
    const far = await openFarSide({ zone: goodZone });
    const carrier = carrierTo(far);
    const orders = afterwards({ do: 'autoReply', text: 'Gone fishing.', afterMs: 5_000 });
    for (let time = 0; time < 2; time++) {
      await attempt(carrier, { [jane]: orders });
      await far.pass(5_000);
    }
    expect(far.sent.length).toBe(2);
    const answer = Buffer.from(far.sent[0]?.bytes ?? []).toString();
    expect(answer).toContain('Auto-Submitted: auto-replied');
    expect(Buffer.from(answer.split('\r\n\r\n')[1] ?? '', 'base64').toString()).toBe('Gone fishing.');
  });

  it('damaged on its way: what arrives is another message, and its signature does not hold', async () => {
    const far = await openFarSide({ zone: goodZone });
    const content = await sign(letter());
    await attempt(carrierTo(far, { content }), { 'jane@gmail.com': afterwards({ do: 'corrupt' }) });
    await attempt(carrierTo(far, { content }), { 'jane@gmail.com': noOrders });
    const [damaged, whole] = [...far.copies.values()];
    expect(damaged?.authentication.dkim[0]).toMatchObject({ result: 'fail' });
    expect(damaged?.authentication.dkim[0]?.why).toMatch(/body/i);
    expect(whole?.authentication.dkim[0]).toMatchObject({ result: 'pass' });
    const [before, after] = [whole, damaged].map((copy) => far.bytes.get(copy?.id ?? '') ?? new Uint8Array());
    expect(after?.length).toBe(before?.length);
    const different = [...(before ?? [])].filter((byte, at) => byte !== after?.[at]);
    expect(different.length).toBe(1);
  });
});
