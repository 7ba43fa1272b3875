import { describe, expect, it } from 'vitest';
import { startCore } from '../../start-core.ts';
import { type MessageView, mail } from './journey.ts';

interface AuthView {
  readonly entries: readonly {
    readonly placement: string;
    readonly authentication: {
      readonly spf: { readonly result: string };
      readonly dkim: readonly { readonly result: string; readonly algorithm: string }[];
      readonly dmarc: { readonly result: string };
      readonly header: string;
    };
  }[];
}

describe('a message without any set-up', () => {
  it('by SMTP ends in simulated inboxes, with SPF, DKIM and DMARC pass', async () => {
    const core = await startCore(['--deliver']);
    const id = await core.send(mail({}), 'hello@shop.example', ['jane@gmail.com', 'bob@nowhere.example']);
    await core.app.settled();
    const { deliveries } = await core.json<MessageView>(`/v1/messages/${id}`);
    expect(deliveries.map((one) => [one.provider, one.status, one.placement])).toEqual([
      ['gmail', 'delivered', 'updates'],
      ['default', 'delivered', 'inbox'],
    ]);
    const { entries } = await core.json<AuthView>(`/v1/messages/${id}/auth`);
    expect(entries.length).toBe(2);
    for (const { authentication } of entries) {
      expect(authentication.spf.result).toBe('pass');
      expect(authentication.dkim.map((one) => [one.result, one.algorithm])).toEqual([
        ['pass', 'rsa-sha256'],
        ['pass', 'ed25519-sha256'],
      ]);
      expect(authentication.dmarc.result).toBe('pass');
      expect(authentication.header).toContain('dmarc=pass');
    }
    const events = await core.json<{ entries: { type: string; deliveryId: string | null }[] }>(
      `/v1/messages/${id}/events`,
    );
    const own = events.entries.filter((one) => one.deliveryId === deliveries[0]?.id).map((one) => one.type);
    expect(own).toEqual(['queued', 'mailbox', 'attempted', 'sent', 'delivered']);
    const metrics = await (await core.get('/metrics')).text();
    expect(metrics).toContain('sandpost_deliveries_delivered_total 2\n');
    expect(metrics).toContain('sandpost_deliveries_queued 0\n');
    expect(core.log.filter((line) => !line.startsWith('a local CA'))).toEqual([]);
  });

  it('by the API does the same, and its envelope names the delivery', async () => {
    const core = await startCore(['--deliver']);
    const answer = await core.json<{ id: string; deliveries: { id: string }[] }>('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel: 'email',
        from: 'Shop <hello@shop.example>',
        to: ['jane@example.org'],
        subject: 'Hello {{name}}',
        text: 'Hello {{name}}, your order is on its way.',
        html: '<p>Hello {{name}}, your order is on its way.</p>',
        variables: { name: 'Jane' },
        tags: ['order'],
      }),
    });
    await core.app.settled();
    const [delivery] = (await core.json<MessageView>(`/v1/messages/${answer.id}`)).deliveries;
    expect(delivery).toMatchObject({ id: answer.deliveries[0]?.id, status: 'delivered', placement: 'inbox' });
    const { entries } = await core.json<AuthView>(`/v1/messages/${answer.id}/auth`);
    expect(entries[0]?.authentication).toMatchObject({
      spf: { result: 'pass', domain: 'bounce.shop.example' },
      dmarc: { result: 'pass' },
    });
    const detail = await core.json<{ attemptLog: { evidence: { transcript: { text: string }[] } }[] }>(
      `/v1/deliveries/${delivery?.id}`,
    );
    const said = detail.attemptLog[0]?.evidence.transcript.map((line) => line.text) ?? [];
    expect(said.some((line) => line.startsWith(`MAIL FROM:<b+${delivery?.id}@bounce.shop.example>`))).toBe(
      true,
    );
  });

  it('to several recipients of a domain goes in one transaction, without its Bcc', async () => {
    const core = await startCore(['--deliver']);
    const id = await core.send(mail({ headers: 'Bcc: boss@example.org' }), 'hello@shop.example', [
      'a@example.org',
      'b@example.org',
      'boss@example.org',
    ]);
    await core.app.settled();
    const { deliveries } = await core.json<MessageView>(`/v1/messages/${id}`);
    expect(deliveries.map((one) => one.status)).toEqual(['delivered', 'delivered', 'delivered']);
    const detail = await core.json<{
      attemptLog: { evidence: { transcript: { by: string; text: string }[]; changes: { code: string }[] } }[];
    }>(`/v1/deliveries/${deliveries[0]?.id}`);
    const { transcript = [], changes = [] } = detail.attemptLog[0]?.evidence ?? {};
    expect(transcript.filter((line) => line.text.startsWith('RCPT TO:')).length).toBe(3);
    expect(changes.map((one) => one.code)).toContain('field_dropped');
    const copies = await core.json<{ entries: { id: string }[] }>('/v1/mailboxes/a@example.org/messages');
    expect(copies.entries.length).toBe(1);
  });
});
