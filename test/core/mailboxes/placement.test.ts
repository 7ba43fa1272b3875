import { describe, expect, it } from 'vitest';
import { defaultHost, deliver, gmailHost, outlookHost, yahooHost } from './deliver.ts';
import { openFarSide } from './far-side.ts';
import { goodZone, letter, sign } from './signed-mail.ts';

describe('a signed message from a domain that is in order', () => {
  it.each([
    ['gmail', gmailHost, 'jane@gmail.com', /^250 2\.0\.0 OK {2}\d+ [0-9a-f]{12} - gsmtp$/],
    ['outlook', outlookHost, 'jane@outlook.com', /^250 2\.6\.0 <.*Queued mail for delivery$/],
    ['yahoo', yahooHost, 'jane@yahoo.com', /^250 ok dirdel/],
    ['default', defaultHost, 'jane@elsewhere.example', /^250 2\.0\.0 OK id=/],
  ])('gets into the inbox at %s, with SPF, DKIM and DMARC passed', async (provider, at, to, said) => {
    const far = await openFarSide({ zone: goodZone });
    expect(await deliver(far, await sign(letter({ to })), { at, to: [to] })).toMatch(said);
    const [copy] = far.copies.values();
    expect(copy).toMatchObject({
      provider,
      mailbox: to,
      deliveryId: `delivery-${to}`,
      messageId: 'message-1',
      placement: 'inbox',
      envelopeFrom: 'b+1@bounce.example.com',
    });
    const found = copy?.authentication;
    expect(found?.spf.result).toBe('pass');
    expect(found?.dkim).toMatchObject([
      { result: 'pass', domain: 'example.com', selector: 's1', aligned: true },
    ]);
    expect(found?.dmarc).toMatchObject({
      result: 'pass',
      spfAligned: true,
      dkimAligned: true,
      policy: 'reject',
    });
    expect(found?.client).toMatchObject({
      ip: '192.0.2.10',
      ptr: 'out.example.com',
      ptrConfirmed: true,
      heloMatches: true,
    });
    expect(found?.header).toContain(`${at.host}; dkim=pass header.d=example.com`);
    expect(found?.lookups.map(({ question }) => question)).toContain('_dmarc.example.com TXT');
    expect(copy?.filter.score).toBeLessThan(0);
  });
});
