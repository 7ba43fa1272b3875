import { describe, expect, it } from 'vitest';
import { checkedRecipient, checkedSetup } from '../../../core/delivery/live-check.ts';
import { openRecipients } from '../../../core/delivery/live-recipients.ts';
import type { AllowEntry, LiveChannel } from '../../../core/model/live-relay.ts';

async function allowed(
  channel: LiveChannel,
  entry: AllowEntry,
  recipients: readonly string[],
): Promise<readonly string[]> {
  const list = await openRecipients({ kind: 'allow', entries: [entry] }, channel, () => Promise.resolve([]));
  return recipients.filter((one) => list.to(one) === one);
}

describe('who is on the list', () => {
  it('by address: in either case, and either way to write a domain', async () => {
    const own = [
      'jane@bücher.example',
      'JANE@BÜCHER.example',
      'jane@xn--bcher-kva.example',
      'Jane@XN--BCHER-KVA.EXAMPLE.',
    ];
    const others = [
      'jane@bucher.example',
      'jane@sub.bücher.example',
      'x.jane@bücher.example',
      'jane',
      '@bücher.example',
      'jane@bücher.example@evil.example',
    ];
    const entry = { kind: 'address', value: 'Jane@Bücher.example' } as const;
    expect(await allowed('email', entry, [...own, ...others])).toEqual(own);
  });

  it('by address: letters that only look alike are somebody else', async () => {
    const entry = { kind: 'address', value: 'mike@example.com' } as const;
    expect(await allowed('email', entry, ['mi\u212ae@example.com', 'MIKE@example.com'])).toEqual([
      'MIKE@example.com',
    ]);
  });

  it('by endpoint: the whole of it, not one of another push service that ends alike; or by its id', async () => {
    const own = 'https://push.example.net/wpush/v2/abc123';
    const alike = ['https://elsewhere.example/wpush/v2/abc123', 'https://push.example.net/other/abc123'];
    expect(await allowed('webpush', { kind: 'token', value: own }, [own, ...alike, 'abc123'])).toEqual([own]);
    expect(await allowed('webpush', { kind: 'token', value: 'abc123' }, [own, 'abc123', 'abc12'])).toEqual([
      own,
      'abc123',
    ]);
  });

  it('by domain: with its sub-domains, and nothing that only ends alike', async () => {
    const own = [
      'a@example.com',
      'b@EXAMPLE.COM',
      'c@mail.example.com',
      'd@a.b.example.com',
      'e@example.com.',
    ];
    const others = [
      'a@evilexample.com',
      'a@example.com.evil.net',
      'a@example.co',
      'a@com',
      'a@',
      'example.com',
      'a@example.com@evil.net',
    ];
    expect(await allowed('email', { kind: 'domain', value: 'Example.com' }, [...own, ...others])).toEqual(
      own,
    );
  });

  it('by domain: what a browser would take for it is none', async () => {
    const tricks = [
      'a@example.com/evil.net',
      'a@example.com:25',
      'a@example.com?x',
      'a@example.com#x',
      'a@example.com\\.evil.net',
      'a@evil\\.example.com',
      'a@ex%61mple.com',
      'a@exam\tple.com',
      'a@evil.net>,<a@example.com>',
      'a@\u0000.example.com',
      // What a server of old would send on (RFC 5321 appendix C), or read another address in.
      '@evil.net:a@example.com',
      'a@evil.net>x@example.com',
      'a@evil.net,b@example.com',
      'a b@example.com',
      'a\r\nRCPT TO:<b@evil.net>@example.com',
    ];
    const quoted = '"a@evil.net b"@example.com';
    expect(await allowed('email', { kind: 'domain', value: 'example.com' }, [quoted])).toEqual([quoted]);
    expect(await allowed('email', { kind: 'domain', value: 'example.com' }, tricks)).toEqual([]);
  });

  it('by number: however it is written, and no other', async () => {
    const own = [
      '+441632960123',
      '00441632960123',
      '441632960123',
      '+44 1632 960-123',
      ' 0044 (1632) 960123',
    ];
    const others = ['+4416329601234', '+44163296012', '01632960123', '', 'HELP', '+44x1632960123', '+'];
    expect(await allowed('sms', { kind: 'number', value: '+44 1632 960123' }, [...own, ...others])).toEqual(
      own,
    );
    expect(await allowed('sms', { kind: 'number', value: 'STOP' }, ['HELP', '+441632960123'])).toEqual([]);
  });

  it('by token: as it is; an entry for another channel says nothing', async () => {
    expect(await allowed('fcm', { kind: 'token', value: 'Abc' }, ['Abc', 'abc', ''])).toEqual(['Abc']);
    expect(await allowed('fcm', { kind: 'domain', value: 'abc.example' }, ['abc.example'])).toEqual([]);
    expect(await allowed('sms', { kind: 'token', value: '+441632960123' }, ['+441632960123'])).toEqual([]);
  });

  it('by user: where that one is reached on the channel', async () => {
    const recipients = { kind: 'allow', entries: [{ kind: 'user', value: 'jane' }] } as const;
    const places = () =>
      Promise.resolve([
        {
          id: 'jane',
          entries: [
            { kind: 'address', value: 'jane@example.com' },
            { kind: 'number', value: '+441632960123' },
          ] as const,
        },
      ]);
    const mail = await openRecipients(recipients, 'email', places);
    expect([mail.to('jane@example.com'), mail.to('+441632960123'), mail.to('john@example.com')]).toEqual([
      'jane@example.com',
      null,
      null,
    ]);
    const sms = await openRecipients(recipients, 'sms', places);
    expect(sms.to('00441632960123')).toBe('00441632960123');
  });
});

describe('what may be asked', () => {
  const setup = (entry: AllowEntry) => ({
    durationMs: 60_000,
    channels: {
      email: {
        relayId: 'r',
        recipients: { kind: 'allow' as const, entries: [entry] },
        perHourMax: 1,
        passThrough: false,
      },
    },
  });

  it('has no list that means more than it says', () => {
    for (const entry of [
      { kind: 'domain', value: 'com' },
      { kind: 'domain', value: '*.example.com' },
      { kind: 'domain', value: '@example.com' },
      { kind: 'address', value: 'example.com' },
      { kind: 'address', value: 'a@x.example,b@x.example' },
      { kind: 'number', value: 'HELP' },
      { kind: 'token', value: ' ' },
    ] as const)
      expect(() => checkedSetup(setup(entry)), entry.value).toThrow('email: ');
    expect(() => checkedSetup(setup({ kind: 'domain', value: 'bücher.example' }))).not.toThrow();
  });

  it('goes to one recipient, as the channel writes it', () => {
    expect(checkedRecipient('email', ' me@mine.example ')).toBe('me@mine.example');
    expect(checkedRecipient('sms', '00 44 1632 960123')).toBe('+441632960123');
    expect(checkedRecipient('apns', 'aabb')).toBe('aabb');
    for (const to of [
      'me',
      'a@b.example c@d.example',
      'a@b.example\r\nDATA',
      '<a@b.example>',
      'a@b/c.example',
    ])
      expect(() => checkedRecipient('email', to), to).toThrow('is not one address');
    expect(() => checkedRecipient('sms', 'me')).toThrow('is no number');
    expect(() => checkedRecipient('fcm', 'a b')).toThrow('which token');
  });
});
