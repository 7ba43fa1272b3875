/** The door `dns`, asked by dig and by bytes that no decent client would send. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decodeMessage, encodeMessage, type Message, typeNumbers } from '../../../core/dns/packet.ts';
import { type DnsServer, type DnsServerOptions, openDnsServer } from '../../../core/dns/server.ts';
import { emptyZoneState, published } from '../../../core/dns/zone-state.ts';
import { createZones } from '../../../core/dns/zones.ts';
import { listen } from '../../../core/doors/listen.ts';
import { findProgram, run } from '../../run-program.ts';
import { sendingDomain } from './domains.ts';

const domain = sendingDomain({ name: 'shop.example' });
const longText = `v=spf1 ${Array.from({ length: 60 }, (_, index) => `ip4:192.0.2.${index}`).join(' ')} -all`;
const manyTexts = Array.from({ length: 40 }, (_, index) => `record ${index} ${'x'.repeat(60)}`);

async function openServer(own: Partial<DnsServerOptions> = {}): Promise<DnsServer> {
  const zones = createZones({
    ...emptyZoneState,
    domains: [published(domain)],
    extraRecords: new Map([
      [
        'odd.org',
        [
          { name: 'long.odd.org', ttlS: 5, type: 'TXT', text: longText },
          ...manyTexts.map((text) => ({ name: 'many.odd.org', ttlS: 5, type: 'TXT' as const, text })),
          { name: 'alias.odd.org', ttlS: 5, type: 'CNAME', target: 'shop.example' },
        ],
      ],
    ]),
  });
  const server = await openDnsServer(zones, {
    hosts: ['127.0.0.1'],
    port: 0,
    listen,
    onProblem: () => undefined,
    ...own,
  });
  onTestFinished(() => server.close());
  return server;
}

const digTests = findProgram('dig') === null ? describe.skip : describe;
digTests(
  `dig${findProgram('dig') === null ? ' (skipped: dig is not installed; Debian has it in bind9-dnsutils)' : ''}`,
  () => {
    async function dig(...args: readonly string[]): Promise<string> {
      const { port } = await openServer();
      const ran = await run('dig', ['@127.0.0.1', '-p', String(port), '+tries=1', '+time=2', ...args]);
      return ran.stdout;
    }
    const transports = ['+notcp', '+tcp'] as const;

    it.each(transports)('reads the MX with %s, as from an authority', async (transport) => {
      const said = await dig(transport, 'MX', 'shop.example');
      expect(said).toContain('status: NOERROR');
      expect(said).toMatch(/flags: qr aa rd ra;/);
      expect(said).toMatch(/^shop\.example\.\s+60\s+IN\s+MX\s+10 mx1\.own\.sandpost\.example\.$/m);
      expect(said).not.toContain('WARNING');
    });

    it.each(transports)('reads a key of 2048 bits with %s, in strings of 255 bytes', async (transport) => {
      const said = await dig(transport, '+short', 'TXT', 'sp1-rsa._domainkey.shop.example');
      const strings = [...said.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text);
      expect(strings.length).toBe(2);
      expect(strings[0]?.length).toBe(255);
      expect(strings.join('')).toBe(`v=DKIM1; k=rsa; p=${domain.keys[0]?.publicKey}`);
    });

    it('comes back by TCP for what is too large for UDP', async () => {
      const said = await dig('+notcp', '+ignore', '+noedns', 'TXT', 'long.odd.org');
      expect(said).toMatch(/flags: qr aa tc rd ra;/);
      expect(said).toContain('ANSWER: 0');
      const whole = await dig('TXT', 'many.odd.org');
      expect(whole).toContain('Truncated, retrying in TCP mode');
      expect(whole).toContain('ANSWER: 40');
    });

    it('keeps to the size that the client names, and tells its own', async () => {
      const said = await dig('+notcp', '+bufsize=1232', 'TXT', 'long.odd.org');
      expect(said).toMatch(/flags: qr aa rd ra;/);
      expect(said).toContain('EDNS: version: 0, flags:; udp: 1232');
    });

    it.each([
      ['nobody.invalid', 'NXDOMAIN', '.'],
      ['_dmarc.nowhere.org', 'NXDOMAIN', 'nowhere.org.'],
      ['no-address.example', 'NOERROR', 'no-address.example.'],
    ])('is told with an SOA that there is none for %s', async (name, status, zone) => {
      const said = await dig('MX', name);
      expect(said).toContain(`status: ${status}`);
      expect(said).toContain('ANSWER: 0, AUTHORITY: 1');
      expect(said).toMatch(
        new RegExp(`^${zone.replaceAll('.', '\\.')}\\s+30\\s+IN\\s+SOA\\s+ns\\.sandpost\\.example\\.`, 'm'),
      );
    });

    it('follows a CNAME', async () => {
      expect(await dig('+short', 'MX', 'alias.odd.org')).toBe(
        'shop.example.\n10 mx1.own.sandpost.example.\n',
      );
    });

    it('finds the name of an address', async () => {
      expect(await dig('+short', '-x', '192.0.2.7')).toBe('mta-7.shop.example.\n');
      expect(await dig('+short', '-x', '2001:db8:2525::11')).toBe('mx1.gmail.sandpost.example.\n');
    });

    it('gets the failures that were asked for', async () => {
      expect(await dig('A', 'dns-servfail.example')).toContain('status: SERVFAIL');
      expect(await dig('+time=1', 'A', 'dns-timeout.example')).toMatch(
        /timed out|no servers could be reached/,
      );
      expect(await dig('+short', 'MX', 'null-mx.example')).toBe('0 .\n');
    });

    it('is refused what this server does not do', async () => {
      expect(await dig('CH', 'TXT', 'version.bind')).toContain('status: REFUSED');
      expect(await dig('+opcode=STATUS', 'A', 'shop.example')).toContain('status: NOTIMP');
      expect(await dig('+noednsnegotiation', '+edns=1', 'A', 'shop.example')).toContain('status: BADVERS');
      expect(await dig('AXFR', 'shop.example')).toMatch(/Transfer failed|REFUSED/);
      expect(await dig('SRV', '_imap._tcp.shop.example')).toContain('status: NXDOMAIN');
      expect(await dig('CAA', 'shop.example')).toContain('ANSWER: 0, AUTHORITY: 1');
    });

    it('gets all there is for ANY', async () => {
      const said = await dig('ANY', 'shop.example');
      for (const type of ['MX', 'TXT', 'SOA', 'NS', 'A'])
        expect(said).toMatch(new RegExp(`IN\\s+${type}\\s`));
    });
  },
);

const question = (name: string, change: Partial<Message> = {}): Buffer =>
  encodeMessage({
    id: 77,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    code: 0,
    questions: [{ name, type: typeNumbers.MX, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
    ...change,
  });

/** Sends these by UDP, one after the other. @returns the first answer */
async function overUdp(port: number, ...messages: readonly Buffer[]): Promise<Message | null> {
  const socket = createSocket('udp4');
  onTestFinished(() => {
    socket.close();
  });
  const answered = once(socket, 'message');
  for (const message of messages) socket.send(message, port, '127.0.0.1');
  const [bytes]: unknown[] = await answered;
  return Buffer.isBuffer(bytes) ? decodeMessage(bytes) : null;
}

describe('by UDP', () => {
  it('a broken question is told so, with its id', async () => {
    const { port } = await openServer();
    const broken = question('shop.example').subarray(0, 20);
    expect(await overUdp(port, broken)).toMatchObject({ id: 77, code: 1, response: true });
    expect(await overUdp(port, question('a', { questions: [] }))).toMatchObject({ id: 77, code: 1 });
  });

  it('noise, answers and names that never answer get nothing, and the next one is answered', async () => {
    const { port } = await openServer();
    const answer = await overUdp(
      port,
      Buffer.from('noise'),
      Buffer.alloc(0),
      question('shop.example', { response: true, id: 1 }),
      question('dns-timeout.example', { id: 2 }),
      question('shop.example', { id: 3 }),
    );
    expect(answer).toMatchObject({ id: 3, code: 0 });
  });

  it('the spelling of the question comes back as it was', async () => {
    const { port } = await openServer();
    const answer = await overUdp(port, question('sHOp.eXamPle'));
    expect(answer?.questions[0]?.name).toBe('sHOp.eXamPle');
    expect(answer?.answers[0]?.name).toBe('sHOp.eXamPle');
  });
});

describe('by TCP', () => {
  const framed = (message: Buffer): Buffer => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    return Buffer.concat([length, message]);
  };

  it('answers questions in a row, also torn ones, and to a client that says no more', async () => {
    const { port } = await openServer();
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    const asked = Buffer.concat([1, 2, 3].map((id) => framed(question('shop.example', { id }))));
    socket.write(asked.subarray(0, 30));
    await once(socket, 'connect');
    socket.end(asked.subarray(30));
    await once(socket, 'close');
    let rest = Buffer.concat(received);
    const ids: (number | undefined)[] = [];
    while (rest.length > 0) {
      const length = rest.readUInt16BE(0);
      ids.push(decodeMessage(rest.subarray(2, 2 + length))?.id);
      rest = rest.subarray(2 + length);
    }
    expect(ids).toEqual([1, 2, 3]);
  });

  it('lets a client go whose question is longer than any question', async () => {
    const { port } = await openServer();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(Buffer.from([0xff, 0xff, 0, 0]));
    await once(socket, 'close');
  });
});

describe('the port', () => {
  it('is the same for UDP and TCP, on every host', async () => {
    const { port } = await openServer({ hosts: ['127.0.0.1', '::1'] });
    expect(await overUdp(port, question('shop.example'))).toMatchObject({ code: 0 });
  });

  it('that is taken is told with its door and its flag', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      other.close();
    });
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(openServer({ port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining('--dns-port'),
    });
  });

  it('that is taken for UDP alone is told too', async () => {
    const other = createSocket('udp4');
    other.bind(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    await expect(openServer({ port: other.address().port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringMatching(/door dns is taken for UDP.*--dns-port/),
    });
  });
});
