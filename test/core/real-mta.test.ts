/** A real Postfix, with a configuration and a queue of its own, relays through Sandpost as its smarthost. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { List, Message, MessageDetail } from '../../core/api/schema.ts';
import { type Mta, postfixLacking, startPostfix as start } from '../postfix.ts';
import { startCore, type TestCore } from '../start-core.ts';

/** Starting Postfix takes seconds, more on a busy machine. */
const testMsMax = 90_000;

const lacking = postfixLacking();

async function startPostfix(smarthost: string, settings: readonly string[] = []): Promise<Mta> {
  const mta = await start({ smarthost, settings });
  onTestFinished(() => mta.stop());
  return mta;
}

async function arrived(core: TestCore, mta: Mta, subject: string): Promise<MessageDetail> {
  const query = new URLSearchParams({ q: `subject:${subject}`, timeoutMs: '20000' });
  const response = await core.get(`/v1/messages/wait?${query}`);
  if (!response.ok) throw new Error(`nothing came; the log of Postfix:\n${await mta.log()}`);
  const { id }: Message = await response.json();
  return core.json<MessageDetail>(`/v1/messages/${id}`);
}

const body = 'Gr\xfc\xdfe\r\n.\r\n..two\r\nFrom the start\r\n.\r\n\r\n';

function message(subject: string): Buffer {
  const lines = `From: from@example.com\r\nTo: to@example.com\r\nBcc: b@example.com\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}`;
  // On this side sendmail reads lines as programs of a Unix write them.
  return Buffer.from(lines.replaceAll('\r\n', '\n'), 'latin1');
}

describe.skipIf(lacking !== null)(
  `Postfix as the app's own MTA${lacking === null ? '' : ` (skipped: ${lacking})`}`,
  { timeout: testMsMax },
  () => {
    it('relays to the plain door: envelope, body and what it added are kept', async () => {
      const core = await startCore();
      const mta = await startPostfix(`[127.0.0.1]:${core.port('smtp')}`);
      const to = ['to@example.com', 'nowhere-named@example.org'];
      await mta.submit('from@example.com', to, message('relayed'));
      const detail = await arrived(core, mta, 'relayed');
      expect(detail.envelope.from).toBe('from@example.com');
      expect([...detail.envelope.to].sort()).toEqual([...to].sort());
      expect(detail.envelopeParameters).toMatchObject({ mail: { BODY: '8BITMIME' } });
      const raw = (await core.raw(detail.id)).toString('latin1');
      expect(raw).toMatch(/^Received: by mta\.example \(Postfix, from userid 0\)\r\n\tid /);
      expect(raw.slice(raw.indexOf('\r\n\r\n') + 4)).toBe(body);
    });

    it('relays to the submission door over TLS that it verifies against our CA', async () => {
      const core = await startCore();
      const mta = await startPostfix(`[localhost]:${core.port('submission')}`, [
        'smtp_tls_security_level = secure',
        `smtp_tls_CAfile = ${core.app.caFile}`,
        'smtp_tls_loglevel = 1',
      ]);
      await mta.submit('from@example.com', ['to@example.com'], message('secured'));
      const detail = await arrived(core, mta, 'secured');
      expect(detail.door).toBe('submission');
      expect(await mta.log()).toContain('Verified TLS connection established to localhost');
    });

    it('delivers to the MX of the simulated providers, and is judged like anyone', async () => {
      const core = await startCore(['--deliver']);
      const mta = await startPostfix(`[127.0.0.1]:${core.port('mx')}`);
      await mta.submit('from@example.com', ['jane@somewhere.example'], message('direct'));
      const detail = await arrived(core, mta, 'direct');
      expect(detail.door).toBe('mx');
      await core.app.settled();
      const [delivery] = (await core.json<MessageDetail>(`/v1/messages/${detail.id}`)).deliveries;
      expect(delivery).toMatchObject({
        recipient: 'jane@somewhere.example',
        provider: 'default',
        status: 'delivered',
      });
      const { entries } = await core.json<{ entries: { authentication: { spf: { result: string } } }[] }>(
        `/v1/messages/${detail.id}/auth`,
      );
      // Nobody set the domain up, so nothing vouches for the address.
      expect(entries[0]?.authentication.spf.result).toBe('none');
      // And that is not enough everywhere.
      await mta.submit('from@example.com', ['jane@gmail.com'], message('refused'));
      await vi.waitFor(async () => expect(await mta.log()).toMatch(/550[- ]5\.7\.26/), { timeout: 20_000 });
    });

    it('hands over a burst, every message once', async () => {
      const core = await startCore();
      const mta = await startPostfix(`[127.0.0.1]:${core.port('smtp')}`);
      const subjects = Array.from({ length: 12 }, (_, at) => `burst${at}`);
      await Promise.all(
        subjects.map((one) => mta.submit('from@example.com', ['to@example.com'], message(one))),
      );
      for (const subject of subjects) await arrived(core, mta, subject);
      const { entries } = await core.json<List<Message>>('/v1/messages?limit=100');
      expect(entries.map((one) => one.subject).sort()).toEqual([...subjects].sort());
    });
  },
);
