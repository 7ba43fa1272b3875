/**
 * The library steps of a delivery alone, as a program of two threads would do them: compose (nodemailer), sign RSA-2048
 * and verify (mailauth), with the answers of the DNS in memory. Nothing is stored, queued or sent.
 * `node steps-alone.ts <kind> <seconds>` prints messages a second and processor time each, as JSON.
 */
import { generateKeyPairSync } from 'node:crypto';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type LetterKind, letter, letterKinds } from './letters.ts';

const threads = 2;

interface Alone {
  readonly messages: number;
  readonly ms: number;
}

if (isMainThread) {
  const [, , kind = '', seconds = '4'] = process.argv;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const data = {
    kind: letterKinds.find((one) => one === kind) ?? letterKinds[0],
    seconds: Number(seconds),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
  const before = process.cpuUsage();
  const done = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<Alone>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: data });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  const cpu = process.cpuUsage(before);
  const messages = done.reduce((sum, one) => sum + one.messages, 0);
  process.stdout.write(
    `${JSON.stringify({
      perSecond: done.reduce((sum, one) => sum + one.messages / (one.ms / 1000), 0),
      cpuMs: (cpu.user + cpu.system) / 1000 / messages,
    })}\n`,
  );
} else {
  await runAlone(workerData);
}

async function runAlone(data: {
  readonly kind: LetterKind;
  readonly seconds: number;
  readonly privateKey: string;
  readonly publicKey: string;
}): Promise<void> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer/index.js');
  const { dkimSign } = await import('mailauth/lib/dkim/sign.js');
  const { authenticate } = await import('mailauth');
  const records: Readonly<Record<string, string>> = {
    's1._domainkey.shop.example': `v=DKIM1; k=rsa; p=${data.publicKey}`,
    'shop.example': 'v=spf1 ip4:192.0.2.1 -all',
    '_dmarc.shop.example': 'v=DMARC1; p=reject',
  };
  const resolver = async (name: string, type: string): Promise<string[][]> => {
    const text = type === 'TXT' ? records[name] : undefined;
    if (text === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    return [[text]];
  };
  const one = async (number: number): Promise<void> => {
    const { from, to, subject, text, html } = letter(data.kind, `user${number}@somewhere.example`);
    const raw = await new MailComposer({
      from,
      to: [...to],
      subject,
      ...(text === null ? {} : { text }),
      ...(html === null ? {} : { html }),
    })
      .compile()
      .build();
    const { signatures } = await dkimSign(raw, {
      signingDomain: 'shop.example',
      selector: 's1',
      privateKey: data.privateKey,
      algorithm: 'rsa-sha256',
    });
    const signed = Buffer.concat([Buffer.from(signatures), raw]);
    const found = await authenticate(signed, {
      ip: '192.0.2.1',
      helo: 'mta-1.shop.example',
      sender: 'hello@shop.example',
      mta: 'mx.somewhere.example',
      resolver,
      disableBimi: true,
    });
    if (found.dmarc === false || found.dmarc?.status.result !== 'pass')
      throw new Error('the steps alone do not pass');
  };
  for (let warm = 0; warm < 200; warm++) await one(warm);
  const startedMs = performance.now();
  let messages = 0;
  while (performance.now() - startedMs < data.seconds * 1000) await one(messages++);
  parentPort?.postMessage({ messages, ms: performance.now() - startedMs } satisfies Alone);
}
