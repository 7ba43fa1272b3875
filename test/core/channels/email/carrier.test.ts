import { type AddressInfo, createServer } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { trackingToken } from '../../../../core/channels/email/tracking.ts';
import type { Network, OutboundConnection } from '../../../../core/delivery/network.ts';
import { noDetails } from '../../../../core/model/message-details.ts';
import { carry, delivery, emailCarrier, farZone, said } from './carry-mail.ts';
import { networkTo, scriptedServer } from './client/scripted-server.ts';
import { makeKey } from './dkim-keys.ts';

const hello = `
  S: 220 mx1.far.example ESMTP
  C: EHLO out.shop.example
  S: 250-mx1.far.example
  S: 250-PIPELINING
  S: 250-8BITMIME
  S: 250-DSN
  S: 250 SIZE 100000
`;
const one = `
  C: /^MAIL/
  C: /^RCPT/
  C: DATA
  S: 250 2.1.0 OK
  S: 250 2.1.5 OK
  S: 354 go on
  data
  S: 250 2.0.0 queued
`;

function refusing(script: string) {
  return scriptedServer(`${hello}\n${script}`);
}

describe('a delivery', () => {
  it('is sent, with the evidence of every step', async () => {
    const server = await scriptedServer(hello + one);
    const key = makeKey('shop.example', 'r1', 'rsa-sha256');
    const carrier = emailCarrier({ port: server.port, keys: [key] });
    const carried = await carry(carrier, delivery('a@far.example'));
    expect(carried.results).toEqual([
      {
        deliveryId: 'delivery to a@far.example',
        outcome: { kind: 'sent' },
        class: null,
        code: 250,
        enhanced: '2.0.0',
        text: '250 2.0.0 queued',
        nextHop: 'mx1.far.example[198.51.100.1]:25',
        suppresses: 'never',
        dsnOffered: true,
      },
    ]);
    const { evidence } = carried;
    expect(evidence.routing.map(({ question, answer }) => `${question}: ${answer}`)).toEqual([
      'far.example MX: 10 mx1.far.example; 20 mx2.far.example',
      'mx1.far.example A: 198.51.100.1',
    ]);
    expect(evidence.changes.map(({ code }) => code)).toEqual(['field_dropped', 'received_added']);
    expect(evidence.signatures).toMatchObject([
      { domain: 'shop.example', selector: 'r1', algorithm: 'rsa-sha256' },
    ]);
    expect(evidence.identity).toEqual({ ip: '192.0.2.7', helo: 'out.shop.example', ptr: 'out.shop.example' });
    expect(server.messages[0]).toMatch(/^DKIM-Signature: /);
    expect(server.messages[0]).toContain('by out.shop.example (Sandpost) with ESMTP id message-1;');
    expect(server.messages[0]).not.toContain('hidden@far.example');
  });

  it('to several of a domain is one transaction, each with its own answer and what it means', async () => {
    const server = await refusing(
      `
      C: /^MAIL FROM:<b@shop.example> SIZE=[0-9]+ RET=HDRS ENVID=QQ17$/
      C: RCPT TO:<a@far.example> NOTIFY=FAILURE ORCPT=rfc822;x@y.example
      C: RCPT TO:<b@far.example>
      C: RCPT TO:<c@far.example>
      C: DATA
      S: 250 OK
      S: 250 OK
      S: 550 5.1.1 no such user
      S: 452 4.2.2 mailbox full, try again in 10 minutes
      S: 354 go
      data
      S: 250 OK`,
    );
    const about = { envelopeParameters: { mail: { RET: 'HDRS', ENVID: 'QQ17', SIZE: '5' }, rcpt: [] } };
    const { results } = await carry(
      emailCarrier({ port: server.port }),
      delivery('a@far.example', about, { NOTIFY: 'FAILURE', ORCPT: 'rfc822;x@y.example' }),
      delivery('b@far.example', about),
      delivery('c@far.example', about),
    );
    expect(server.said[0]?.filter((line) => line.startsWith('fault'))).toEqual([]);
    expect(results).toMatchObject([
      { outcome: { kind: 'sent' } },
      {
        outcome: { kind: 'failed' },
        class: 'bad_address',
        suppresses: 'now',
        text: '550 5.1.1 no such user',
      },
      { outcome: { kind: 'deferred', retryAfterMs: 600_000 }, class: 'mailbox_full', suppresses: 'after_n' },
    ]);
  });

  it('with a reverse path of its own has a transaction of its own, on the same connection', async () => {
    const server = await scriptedServer(hello + one + one);
    const carrier = emailCarrier({
      port: server.port,
      ports: {
        bounceAddress: ({ delivery: { recipient } }) => `b+${recipient.charAt(0)}@bounce.shop.example`,
      },
    });
    const { results } = await carry(carrier, delivery('a@far.example'), delivery('c@far.example'));
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'sent']);
    expect(
      server.said[0]?.filter((line) => line.startsWith('MAIL')).map((line) => line.split(' ')[1]),
    ).toEqual(['FROM:<b+a@bounce.shop.example>', 'FROM:<b+c@bounce.shop.example>']);
    expect(server.connections()).toBe(1);
  });

  it('of a tracked message has bytes of its own', async () => {
    const server = await scriptedServer(hello + one + one);
    const id = '00000000-0000-7000-8000-000000000001';
    const token = trackingToken(id);
    const content = Buffer.from(`Subject: x\r\n\r\nhttp://127.0.0.1/t/o/${token}.gif\r\n`);
    const carrier = emailCarrier({ port: server.port, content });
    const details = { ...noDetails, trackOpens: true };
    const to = (recipient: string, at: number) => {
      const claimed = delivery(recipient, { id, details });
      return {
        ...claimed,
        delivery: { ...claimed.delivery, id: `00000000-0000-7000-8000-00000000001${at}` },
      };
    };
    const deliveries = [to('a@far.example', 1), to('b@far.example', 2)];
    const { results } = await carry(carrier, ...deliveries);
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'sent']);
    expect(server.messages.map((text) => /t\/o\/(.*)\.gif/.exec(text)?.[1])).toEqual(
      deliveries.map((claimed) => trackingToken(claimed.delivery.id)),
    );
  });

  it('whose success is to be told says when the next hop will not', async () => {
    const script = `${hello}${one}`.replace('S: 250-DSN\n', '');
    const server = await scriptedServer(script);
    const carried = await carry(
      emailCarrier({ port: server.port }),
      delivery('a@far.example', {}, { NOTIFY: 'SUCCESS' }),
    );
    expect(server.said[0]?.[2]).toBe('RCPT TO:<a@far.example>');
    expect(carried.results).toMatchObject([{ dsnOffered: false }]);
    expect(carried.evidence.changes.map(({ code }) => code)).toContain('no_dsn');
  });

  it('tells the far side of the sandbox which message and delivery it is', async () => {
    const server = await scriptedServer(hello + one);
    const seen: OutboundConnection[] = [];
    const network = networkTo(server.port);
    const carrier = emailCarrier({
      network: {
        connect(to, connection) {
          seen.push(connection);
          return network.connect(to, connection);
        },
      },
    });
    const carried = carry(carrier, delivery('a@far.example'));
    await expect
      .poll(() => {
        const transaction = seen[0]?.transaction;
        return [transaction?.deliveries.get('a@far.example'), transaction?.stream];
      })
      .toEqual(['delivery to a@far.example', 'transactional']);
    await carried;
    expect(seen).toMatchObject([{ fromIp: '192.0.2.7', transaction: null }]);
  });
});

describe('the hosts of a domain', () => {
  it('first down, second up', async () => {
    const server = await scriptedServer(hello + one);
    const up = networkTo(server.port);
    const network = {
      connect: (to: Parameters<typeof up.connect>[0], connection: OutboundConnection) =>
        to.host === 'mx1.far.example'
          ? Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
          : up.connect(to, connection),
    };
    const carried = await carry(emailCarrier({ network }), delivery('a@far.example'));
    expect(carried.results).toMatchObject([
      { outcome: { kind: 'sent' }, nextHop: 'mx2.far.example[198.51.100.2]:25' },
    ]);
    expect(said(carried).slice(0, 3)).toEqual([
      'N: connecting to mx1.far.example [198.51.100.1] port 25 from 192.0.2.7',
      'N: no connection to mx1.far.example [198.51.100.1]: connection refused',
      'N: connecting to mx2.far.example [198.51.100.2] port 25 from 192.0.2.7',
    ]);
  });

  it('all down: it waits', async () => {
    const network = { connect: () => Promise.reject(Object.assign(new Error('x'), { code: 'ETIMEDOUT' })) };
    const { results } = await carry(emailCarrier({ network }), delivery('a@far.example'));
    expect(results).toMatchObject([
      {
        outcome: { kind: 'deferred' },
        class: 'network',
        text: expect.stringContaining('timed out'),
        suppresses: 'never',
      },
    ]);
  });

  it('a greeting that refuses: the next host is asked, and the last word counts', async () => {
    const server = await scriptedServer('S: 554 5.7.1 blocked using a block list', hello + one);
    const { results } = await carry(emailCarrier({ port: server.port }), delivery('a@far.example'));
    expect(results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    const refused = await scriptedServer('S: 554 5.7.1 blocked using a block list');
    const other = await carry(emailCarrier({ port: refused.port }), delivery('a@far.example'));
    expect(other.results).toMatchObject([
      { outcome: { kind: 'failed' }, class: 'reputation', suppresses: 'never' },
    ]);
  });

  it('first down, second refuses for good: it waits, for the first may take it', async () => {
    const refused = await scriptedServer('S: 554 5.7.1 blocked using a block list');
    const network = byHost({ 'mx2.far.example': refused.port });
    const { results } = await carry(emailCarrier({ network }), delivery('a@far.example'));
    expect(results).toMatchObject([
      {
        outcome: { kind: 'deferred' },
        class: 'network',
        nextHop: 'mx1.far.example[198.51.100.1]:25',
        suppresses: 'never',
      },
    ]);
  });

  it.each([
    ['S: 554 5.7.1 blocked', 'S: 421 4.3.2 try again in 10 minutes', 600_000],
    ['S: 421 4.3.2 try again in 10 minutes', 'S: 554 5.7.1 blocked', 600_000],
    ['S: 421 4.3.2 try again in 10 minutes', 'S: 421 4.3.2 try again later', 600_000],
    ['S: 421 4.3.2 try again in 10 minutes', 'S: 421 4.3.2 try again in 5 minutes', 300_000],
  ])('one of them names a time to come back: %s, %s', async (first, second, retryAfterMs) => {
    const network = byHost({
      'mx1.far.example': (await scriptedServer(first)).port,
      'mx2.far.example': (await scriptedServer(second)).port,
    });
    const { results } = await carry(emailCarrier({ network }), delivery('a@far.example'));
    expect(results).toMatchObject([{ outcome: { kind: 'deferred', retryAfterMs } }]);
  });

  it('first refuses for good, the address of the second is not known: it waits', async () => {
    const refused = await scriptedServer('S: 554 5.7.1 blocked using a block list');
    const zone = { ...farZone, 'mx2.far.example': 'TIMEOUT' as const };
    const { results } = await carry(emailCarrier({ port: refused.port, zone }), delivery('a@far.example'));
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, enhanced: '4.4.3', nextHop: null }]);
  });

  it.each([
    ['MAIL', 'C: /^MAIL/\nclose'],
    ['RCPT', 'C: /^MAIL/\nS: 250 OK\nC: /^RCPT/\nclose'],
    ['DATA', 'C: /^MAIL/\nC: /^RCPT/\nC: DATA\nS: 250 OK\nS: 250 OK\nclose'],
  ])(
    'the connection to the first is lost at %s: the second takes it (RFC 5321 §5.1)',
    async (_at, script) => {
      const lost = await refusing(script);
      const up = await scriptedServer(hello + one);
      const network = byHost({ 'mx1.far.example': lost.port, 'mx2.far.example': up.port });
      const { results } = await carry(emailCarrier({ network }), delivery('a@far.example'));
      expect(results).toMatchObject([
        { outcome: { kind: 'sent' }, nextHop: 'mx2.far.example[198.51.100.2]:25' },
      ]);
      expect(lost.connections()).toBe(1);
    },
  );

  it('the connection to the first is lost behind the final dot: no other is asked', async () => {
    const lost = await refusing(
      'C: /^MAIL/\nC: /^RCPT/\nC: DATA\nS: 250 OK\nS: 250 OK\nS: 354 go\ndata\nclose',
    );
    const up = await scriptedServer(hello + one);
    const network = byHost({ 'mx1.far.example': lost.port, 'mx2.far.example': up.port });
    const { results } = await carry(emailCarrier({ network }), delivery('a@far.example'));
    expect(results).toMatchObject([
      { outcome: { kind: 'deferred' }, nextHop: 'mx1.far.example[198.51.100.1]:25' },
    ]);
    expect(up.connections()).toBe(0);
  });

  it('that lead nowhere are an error, that are not known are waited for', async () => {
    const nowhere = { 'far.example': ['mx 10 gone.example'] };
    expect((await carry(emailCarrier({ zone: nowhere }), delivery('a@far.example'))).results).toMatchObject([
      { outcome: { kind: 'failed' }, class: 'bad_domain', enhanced: '5.4.4' },
    ]);
    const silent = { ...nowhere, 'gone.example': 'TIMEOUT' as const };
    expect((await carry(emailCarrier({ zone: silent }), delivery('a@far.example'))).results).toMatchObject([
      { outcome: { kind: 'deferred' }, class: 'network' },
    ]);
  });

  it.each([
    ['NXDOMAIN', { kind: 'failed' }, 'bad_domain', 'now'],
    ['SERVFAIL', { kind: 'deferred' }, 'network', 'never'],
  ] as const)('%s', async (code, outcome, outcomeClass, suppresses) => {
    const { results } = await carry(
      emailCarrier({ zone: { 'far.example': code } }),
      delivery('a@far.example'),
    );
    expect(results).toMatchObject([{ outcome, class: outcomeClass, suppresses, nextHop: null }]);
  });

  it('a null MX', async () => {
    const carried = await carry(
      emailCarrier({ zone: { 'far.example': ['mx 0 .'] } }),
      delivery('a@far.example'),
    );
    expect(carried.results).toMatchObject([
      { code: 556, enhanced: '5.1.10', class: 'bad_domain', suppresses: 'now' },
    ]);
  });
});

/** Hosts at ports of this machine; the others are down. */
function byHost(ports: Readonly<Record<string, number>>): Network {
  return {
    connect(to, connection) {
      const port = ports[to.host];
      if (port !== undefined) return networkTo(port).connect(to, connection);
      return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    },
  };
}

describe('a connection', () => {
  it('is used again, until it has carried its share', async () => {
    const server = await scriptedServer(hello + one.repeat(3));
    const carrier = emailCarrier({ port: server.port });
    for (let at = 0; at < 3; at++) await carry(carrier, delivery('a@far.example'));
    const carried = await carry(emailCarrier({ port: server.port }), delivery('a@far.example'));
    expect(server.connections()).toBe(2);
    expect(carried.results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    expect(said(carried)[0]).toContain('connecting');
  });

  it('that went while it was idle is replaced without a word lost', async () => {
    const server = await scriptedServer(`${hello}${one}\nclose`, hello + one);
    const carrier = emailCarrier({ port: server.port });
    await carry(carrier, delivery('a@far.example'));
    const carried = await carry(carrier, delivery('a@far.example'));
    expect(carried.results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    expect(server.messages).toHaveLength(2);
  });

  it('is cut when the attempt has taken too long, and no other host is asked', async () => {
    const overdue = new AbortController();
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.write('220 mx1.far.example ESMTP\r\n');
      socket.on('data', (bytes) => {
        if (bytes.toString().startsWith('EHLO')) socket.write('250 mx1.far.example\r\n');
        // It never answers to MAIL.
        else overdue.abort();
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { results } = await emailCarrier({ port }).carry({
      deliveries: [delivery('a@far.example')],
      nowMs: 0,
      signal: overdue.signal,
    });
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'network', suppresses: 'never' }]);
    expect(connections).toBe(1);
  });

  it('that breaks after the final dot leaves it open whether it arrived', async () => {
    const server = await refusing(`
      C: /^MAIL/
      C: /^RCPT/
      C: DATA
      S: 250 OK
      S: 250 OK
      S: 354 go
      data
      close
    `);
    const { results } = await carry(emailCarrier({ port: server.port }), delivery('a@far.example'));
    expect(results).toMatchObject([
      {
        outcome: { kind: 'deferred' },
        class: 'network',
        text: expect.stringContaining('may have been delivered'),
      },
    ]);
  });
});

describe('a refusal of the message, when it names a mailbox that is not there', () => {
  it.each([
    [['a@far.example'], 'now'],
    [['a@far.example', 'c@far.example'], 'never'],
  ] as const)('to %s: %s', async (recipients, suppresses) => {
    for (const stage of ['data', 'final'] as const) {
      const server = await refusing(
        [
          'C: /^MAIL/',
          ...recipients.map(() => 'C: /^RCPT/'),
          'C: DATA',
          'S: 250 OK',
          ...recipients.map(() => 'S: 250 OK'),
          ...(stage === 'final' ? ['S: 354 go', 'data'] : []),
          'S: 550 5.1.1 User unknown',
          ...(stage === 'data' ? ['C: RSET', 'S: 250 OK'] : []),
        ].join('\n'),
      );
      const { results } = await carry(
        emailCarrier({ port: server.port }),
        ...recipients.map((recipient) => delivery(recipient)),
      );
      expect(results.map((result) => [result.outcome.kind, result.suppresses])).toEqual(
        recipients.map(() => ['failed', suppresses]),
      );
    }
  });
});

describe('what a hop cannot take', () => {
  it('a header in UTF-8 fails for good where SMTPUTF8 is missing', async () => {
    const server = await scriptedServer(hello);
    const content = Buffer.from('Subject: Grüße\r\n\r\nx\r\n');
    const { results } = await carry(emailCarrier({ port: server.port, content }), delivery('a@far.example'));
    expect(results).toMatchObject([
      { outcome: { kind: 'failed' }, enhanced: '5.6.7', class: 'config', suppresses: 'never' },
    ]);
  });

  it('one address of several outside ASCII fails alone', async () => {
    const server = await scriptedServer(hello + one);
    const { results } = await carry(
      emailCarrier({ port: server.port }),
      delivery('a@far.example'),
      delivery('ä@far.example'),
    );
    expect(results).toMatchObject([
      { outcome: { kind: 'sent' } },
      { outcome: { kind: 'failed' }, enhanced: '5.6.7' },
    ]);
  });

  it('a message that is gone from the store fails', async () => {
    const server = await scriptedServer(hello);
    const carrier = emailCarrier({ port: server.port, ports: { prepare: () => Promise.resolve(null) } });
    const { results } = await carry(carrier, delivery('a@far.example'));
    expect(results).toMatchObject([
      { outcome: { kind: 'failed' }, text: expect.stringContaining('deleted') },
    ]);
  });
});

describe('faults of the sending domain', () => {
  it('the body is altered behind the signature, and that is listed', async () => {
    const server = await scriptedServer(hello + one);
    const carrier = emailCarrier({ port: server.port, identity: { alterBody: true } });
    const carried = await carry(carrier, delivery('a@far.example'));
    expect(carried.evidence.changes.at(-1)?.code).toBe('altered_in_transit');
    expect(server.messages[0]).toMatch(/checked by a relay on its way\.$/);
  });

  it('the envelope is another’s', async () => {
    const server = await scriptedServer(hello + one);
    const notes = [{ code: 'misaligned', detail: 'x' }];
    const carrier = emailCarrier({
      port: server.port,
      identity: { envelopeDomain: 'bounce.esp.example', notes },
    });
    const carried = await carry(carrier, delivery('a@far.example'));
    expect(server.said[0]?.[1]).toMatch(/^MAIL FROM:<b@bounce\.esp\.example> /);
    expect(carried.evidence.changes[0]?.code).toBe('misaligned');
  });
});

describe('smtp-server of npm', () => {
  async function library(options: ConstructorParameters<typeof SMTPServer>[0]) {
    const messages: string[] = [];
    const secure: boolean[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH'],
      disableReverseLookup: true,
      onData(stream, session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          messages.push(Buffer.concat(chunks).toString());
          secure.push(session.secure);
          callback();
        });
      },
      ...options,
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, messages, secure };
  }

  it('takes many messages, by STARTTLS that nobody checks', async () => {
    const server = await library({});
    const carrier = emailCarrier({ port: server.port });
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, at) => carry(carrier, delivery(`a${at}@far.example`))),
    );
    expect(all.flatMap(({ results }) => results.map(({ outcome }) => outcome.kind))).toEqual(
      Array(30).fill('sent'),
    );
    expect(server.messages).toHaveLength(30);
    expect(server.secure).not.toContain(false);
    expect(all.some((carried) => said(carried).some((line) => line.startsWith('N: TLS: TLSv1.3 ')))).toBe(
      true,
    );
    await carrier.close();
  });

  it('takes it in the clear where the handshake fails', async () => {
    const server = await library({
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_128_CCM_8_SHA256',
    });
    const carried = await carry(emailCarrier({ port: server.port }), delivery('a@far.example'));
    expect(carried.results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    expect(server.secure).toEqual([false]);
    expect(said(carried)).toContain('N: once more without TLS: it is opportunistic');
  });

  it('without TLS where it is required gets nothing', async () => {
    const server = await library({ hideSTARTTLS: true });
    const carrier = emailCarrier({ port: server.port, zone: farZone, ports: { tls: () => 'required' } });
    const { results } = await carry(carrier, delivery('a@far.example'));
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'config', enhanced: '4.7.4' }]);
    expect(server.messages).toEqual([]);
  });
});

describe('one recipient too many', () => {
  const many = (...codes: readonly string[]) => `
    C: /^MAIL/
    ${codes.map(() => 'C: /^RCPT/').join('\n')}
    C: DATA
    S: 250 OK
    ${codes.map((code) => `S: ${code}`).join('\n')}
    S: 354 go
    data
    S: 250 2.0.0 queued`;

  it.each(['452 4.5.3 Too many recipients', '452 too many recipients', '552 5.5.3 Too many recipients'])(
    'goes at once, in another transaction of the same attempt: %s',
    async (reply) => {
      const server = await scriptedServer(
        `${hello}\n${many('250 OK', reply, reply)}\n${many('250 OK', reply)}\n${many('250 OK')}`,
      );
      const carried = await carry(
        emailCarrier({ port: server.port }),
        delivery('a@far.example'),
        delivery('b@far.example'),
        delivery('c@far.example'),
      );
      expect(server.said[0]?.filter((line) => line.startsWith('fault'))).toEqual([]);
      expect(carried.results.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'sent', 'sent']);
      expect(server.messages.length).toBe(3);
      expect(server.connections()).toBe(1);
      expect(said(carried)).toContain('N: too many recipients for one transaction: 2 of them go in another');
    },
  );

  it('is a wait where the server takes nobody, and where it is short of disk', async () => {
    const nobody = `
      C: /^MAIL/
      C: /^RCPT/
      C: DATA
      S: 250 OK
      S: 452 4.5.3 Too many recipients
      S: 503 no valid recipients
      C: RSET
      S: 250 OK`;
    const server = await scriptedServer(`${hello}\n${nobody}`);
    const alone = await carry(emailCarrier({ port: server.port }), delivery('a@far.example'));
    expect(alone.results).toMatchObject([{ outcome: { kind: 'deferred' }, code: 452 }]);
    const full = await scriptedServer(`${hello}\n${many('250 OK', '452 4.3.1 Insufficient system storage')}`);
    const { results } = await carry(
      emailCarrier({ port: full.port }),
      delivery('a@far.example'),
      delivery('b@far.example'),
    );
    expect(results).toMatchObject([{ outcome: { kind: 'sent' } }, { outcome: { kind: 'deferred' } }]);
  });
});
