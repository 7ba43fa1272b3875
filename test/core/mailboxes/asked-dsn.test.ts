/** What an envelope asks for about notices (RFC 3461), of a provider that offers DSN. */
import { describe, expect, it } from 'vitest';
import { parseDsn } from '../../../core/reports/dsn.ts';
import { openSmtp } from '../../smtp-client.ts';
import { defaultHost } from './deliver.ts';
import { type FarSide, openFarSide } from './far-side.ts';
import { letter } from './signed-mail.ts';

const jane = 'jane@somewhere.example';

/** By the core's own connection. */
async function send(
  far: FarSide,
  given: { readonly from?: string; readonly mail?: string; readonly rcpt?: string },
): Promise<void> {
  const client = await far.connect(defaultHost, {
    transaction: { messageId: 'm', deliveries: new Map([[jane, 'd']]), verdict: null },
  });
  await client.reply();
  await client.say('EHLO out.example.com');
  await client.say(`MAIL FROM:<${given.from ?? 'b+1@bounce.example.com'}> ${given.mail ?? ''}`.trim());
  await client.say(`RCPT TO:<${jane}> ${given.rcpt ?? ''}`.trim());
  await client.say('DATA');
  expect(await client.say(`${letter()}\r\n.`)).toMatch(/^250/);
  client.destroy();
}

const read = (far: FarSide) => far.sent.map(({ bytes }) => parseDsn(bytes));

describe('a success that is to be told', () => {
  it('is told by the provider when the message is in the mailbox', async () => {
    const far = await openFarSide();
    await far.providers.settings.changeProvider('default', { placementDelayMs: 60_000 });
    await send(far, {
      mail: 'RET=FULL ENVID=QQ+2B17',
      rcpt: 'NOTIFY=success,failure ORCPT=rfc822;j+2Bx@shop.example',
    });
    // Those of one copy are done one after the other, also when they come due together.
    expect(new Set(far.acts.map(({ data }) => data.copyId)).size).toBe(1);
    expect(far.acts.map(({ kind }) => kind)).toEqual(['place', 'success_dsn']);
    await far.pass(59_000);
    expect(far.sent).toEqual([]);
    await far.pass(60_000);
    expect(far.sent).toMatchObject([
      { origin: 'default', envelopeFrom: '', envelopeTo: ['b+1@bounce.example.com'] },
    ]);
    expect(read(far)).toMatchObject([
      {
        originalEnvelopeId: 'QQ+17',
        // RET is about failures (RFC 3461 §4.3).
        originalIsHeadersOnly: true,
        recipients: [
          {
            action: 'delivered',
            status: '2.0.0',
            finalRecipient: jane,
            originalRecipient: 'j+x@shop.example',
          },
        ],
      },
    ]);
  });

  it.each([
    ['nobody', { from: '', rcpt: 'NOTIFY=SUCCESS' }],
    ['who asked for failures', { rcpt: 'NOTIFY=FAILURE,DELAY' }],
    ['who asked for nothing', {}],
  ])('is not told to %s', async (_who, given) => {
    const far = await openFarSide();
    await send(far, given);
    await far.pass(3_600_000);
    expect(far.sent).toEqual([]);
  });

  it('is told to a stranger’s server too', async () => {
    const far = await openFarSide();
    const client = await openSmtp(far.providers.port ?? 0);
    await client.reply();
    await client.say('EHLO mta.example.com');
    await client.say('MAIL FROM:<b@bounce.example.com>');
    await client.say(`RCPT TO:<${jane}> NOTIFY=SUCCESS`);
    await client.say('DATA');
    expect(await client.say(`${letter()}\r\n.`)).toMatch(/^250/);
    client.destroy();
    await far.pass(60_000);
    expect(read(far)).toMatchObject([{ recipients: [{ action: 'delivered', finalRecipient: jane }] }]);
  });
});

describe('an out-of-band bounce', () => {
  it('says what the envelope asked it to', async () => {
    const far = await openFarSide();
    await far.providers.settings.changeMailbox(jane, { outOfBandBounce: true });
    await send(far, {
      mail: 'RET=FULL ENVID=QQ17',
      rcpt: 'NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;j@shop.example',
    });
    await far.pass(3_600_000);
    expect(read(far)).toMatchObject([
      {
        originalEnvelopeId: 'QQ17',
        originalIsHeadersOnly: false,
        recipients: [{ action: 'failed', originalRecipient: 'j@shop.example' }],
      },
    ]);
  });

  it('is not told to who wants to hear of none', async () => {
    const far = await openFarSide();
    await far.providers.settings.changeMailbox(jane, { outOfBandBounce: true });
    await send(far, { rcpt: 'NOTIFY=NEVER' });
    await far.pass(3_600_000);
    expect(far.sent).toEqual([]);
    expect(far.facts).toMatchObject([{ type: 'bounced', data: { dsn: false } }]);
  });
});
