import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFault, parseCommand, parsePath } from '../../../../core/doors/smtp/command.ts';

describe('a command line', () => {
  it('has a verb, in any case, and an argument', () => {
    expect(parseCommand('mail FROM:<a@b>')).toEqual({ verb: 'MAIL', argument: 'FROM:<a@b>' });
    expect(parseCommand('quit')).toEqual({ verb: 'QUIT', argument: '' });
    expect(parseCommand('NOOP   ')).toEqual({ verb: 'NOOP', argument: '' });
    expect(parseCommand('')).toEqual({ verb: '', argument: '' });
  });
});

describe('a path', () => {
  it.each([
    ['FROM:<a@b.example>', 'a@b.example', {}],
    ['FROM:<>', '', {}],
    ['from:<a@b>', 'a@b', {}],
    ['FROM: <a@b>', 'a@b', {}],
    ['FROM:a@b', 'a@b', {}],
    ['FROM:a@b SIZE=3', 'a@b', { SIZE: '3' }],
    ['FROM:<a@b> size=10 BODY=8BITMIME SMTPUTF8', 'a@b', { SIZE: '10', BODY: '8BITMIME', SMTPUTF8: true }],
    ['FROM:<@relay.example,@next.example:a@b>', 'a@b', {}],
    ['FROM:<"quoted > bracket"@b>', '"quoted > bracket"@b', {}],
    ['FROM:<"escaped \\" > quote"@b> RET=HDRS', '"escaped \\" > quote"@b', { RET: 'HDRS' }],
    ['FROM:<a@b> ENVID=x+3Dy=z', 'a@b', { ENVID: 'x+3Dy=z' }],
  ])('reads %j', (argument, address, parameters) => {
    expect(parsePath('FROM', argument)).toEqual({ ok: true, path: { address, parameters } });
  });

  it.each(['', 'FROM', 'TO:<a@b>', 'FROM <a@b>', 'FROM:<a@b', 'FROM:<a@b> =3', 'FROM:<a@b> SIZE=1 SIZE=2'])(
    'refuses %j',
    (argument) => {
      expect(parsePath('FROM', argument).ok).toBe(false);
    },
  );

  it('refuses an address beyond every limit', () => {
    expect(parsePath('FROM', `FROM:<${'a'.repeat(1_025)}>`).ok).toBe(false);
    expect(parsePath('FROM', `FROM:<${'a'.repeat(1_024)}>`).ok).toBe(true);
  });

  it('never makes the parser throw', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom('FROM:', '<', '>', '"', '\\', '@', ':', ' ', '=', 'SIZE', '__proto__', '[', 'a'),
          {
            maxLength: 30,
          },
        )
        .map((pieces) => `FROM:${pieces.join('')}`),
    );
    fc.assert(
      fc.property(wild, fc.boolean(), (text, smtputf8) => {
        parseCommand(text);
        const parsed = parsePath('FROM', text);
        if (parsed.ok) addressFault(parsed.path.address, smtputf8);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('an address', () => {
  it.each([
    'a@b.example',
    'cron',
    'a+tag.x@sub.b-c.example',
    '"quoted local"@b.example',
    '"q\\"uote"@b',
    'a@[127.0.0.1]',
    'a@[IPv6:::1]',
    'a@[ipv6:2001:db8::1]',
    'a@xn--bcher-kva.example',
    "o'brien@example.com",
  ])('may be %j', (address) => {
    expect(addressFault(address, false)).toBeNull();
  });

  it.each([
    '',
    '@b.example',
    'a@',
    'a b@c',
    'a@b c',
    'a@-b',
    'a@.b',
    'a@b..c',
    'a@[127.0.0.300]',
    'a@[IPv6:zz]',
    'a@[127.0.0.1',
    'a@b@c',
    '<a@b',
    'a\r@b',
    'a\0@b',
    '"open@b',
  ])('may not be %j', (address) => {
    expect(addressFault(address, true)).toBe('malformed');
  });

  it('with other letters than ASCII needs SMTPUTF8', () => {
    expect(addressFault('jürgen@example.com', false)).toBe('needs_smtputf8');
    expect(addressFault('a@bücher.example', false)).toBe('needs_smtputf8');
    expect(addressFault('jürgen@bücher.example', true)).toBeNull();
  });
});
