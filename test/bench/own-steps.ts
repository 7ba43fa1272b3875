/**
 * Each step of a delivery that is a computation, alone in one thread: what it costs where nothing waits for it.
 * `node own-steps.ts <kind>` prints milliseconds of processor time a message as JSON.
 */
import { compose } from '../../core/channels/email/compose.ts';
import { prepare } from '../../core/channels/email/mail-thread/prepare.ts';
import type { DnsAnswer } from '../../core/dns/dns.ts';
import { makeKeyPair } from '../../core/dns/keys.ts';
import { authenticate } from '../../core/mailboxes/authentication/authenticate.ts';
import { KeyBook } from '../../core/mailboxes/authentication/key-book.ts';
import { judgeContent } from '../../core/mailboxes/filter/judge-content.ts';
import { readMailContent } from '../../core/mailboxes/filter/mail-content.ts';
import { messageFacts } from '../../core/mailboxes/message-facts.ts';
import { letter, letterKinds } from './letters.ts';

const [, , kindText] = process.argv;
const kind = letterKinds.find((one) => one === kindText) ?? letterKinds[0];
const warmUps = 500;
const rounds = 1_000;

const { publicKey, privateKey } = await makeKeyPair('rsa-sha256');
const records: Readonly<Record<string, string>> = {
  's1._domainkey.shop.example': `v=DKIM1; k=rsa; p=${publicKey}`,
  'shop.example': 'v=spf1 ip4:192.0.2.1 -all',
  '_dmarc.shop.example': 'v=DMARC1; p=reject',
};
const resolver = {
  query(name: string, type: string): Promise<DnsAnswer> {
    const text = type === 'TXT' ? records[name] : undefined;
    return Promise.resolve(
      text === undefined
        ? { code: 'NXDOMAIN', records: [] }
        : { code: 'NOERROR', records: [{ name, ttlS: 60, type: 'TXT', text }] },
    );
  },
};
const context = { messageId: '<1@shop.example>', dateMs: 0, boundary: 'b' };
const raw = compose(letter(kind, 'user1@somewhere.example'), context);
const signing = {
  seq: 1,
  hop: { eightBitMime: true, smtputf8: true, sizeMax: null },
  context: {
    received: 'by mta.shop.example',
    dateMs: 0,
    messageId: '<1@shop.example>',
    envelopeNeedsUtf8: false,
  },
  keys: [{ domain: 'shop.example', selector: 's1', algorithm: 'rsa-sha256', id: publicKey, privateKey }],
  wallSeconds: 1,
  alterBody: false,
  tokens: null,
} as const;
const prepared = await prepare(raw, signing);
if (!prepared.ok) throw new Error('the message cannot be prepared');
const { content } = prepared;
const keys = new KeyBook();
const request = {
  client: { ip: '192.0.2.1', helo: 'mta.shop.example', claimedName: null, tls: false },
  envelopeFrom: 'hello@shop.example',
  host: 'mx.somewhere.example',
};
const { dmarc } = await authenticate(content, request, resolver, keys);
if (dmarc.result !== 'pass') throw new Error(`the message does not pass: ${dmarc.why}`);

process.stdout.write(
  `${JSON.stringify({
    compose: await cost(() => compose(letter(kind, 'user1@somewhere.example'), context)),
    'egress and sign': await cost(() => prepare(raw, signing)),
    verify: await cost(() => authenticate(content, request, resolver, keys)),
    judge: await cost(() => {
      const read = readMailContent(content);
      messageFacts(read);
      return judgeContent(read);
    }),
  })}\n`,
);

async function cost(run: () => unknown): Promise<number> {
  for (let warm = 0; warm < warmUps; warm++) await run();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / rounds;
}
