/** The doors that speak SMTP: those for apps, with and without TLS, and the one for strangers. */
import type { ChannelDoor } from '../../../contract/channel-door.ts';
import { caOf, type Reached } from '../../../contract/reached.ts';
import { openSmtp, openSmtps, type SmtpClient } from '../../../smtp-client.ts';

const password = 'sekrit-4f1d9a7b2c';
const auth = Buffer.from(`\0shop\0${password}`).toString('base64');

export const smtpDoors: readonly ChannelDoor[] = [
  smtpDoor('SMTP', 'smtp', auth),
  smtpDoor('SMTP, submission', 'submission', auth),
  smtpDoor('SMTP over TLS', 'smtps', auth),
  // Strangers sign in nowhere.
  smtpDoor('SMTP, the public MX', 'mx', null),
];

function smtpDoor(name: string, door: string, credentials: string | null): ChannelDoor {
  const open = async (core: Reached): Promise<SmtpClient> => {
    const port = core.port(door);
    const client =
      door === 'smtps' ? await openSmtps(port, await caOf(core), '127.0.0.1') : await openSmtp(port);
    await client.reply();
    await client.say('EHLO client.example');
    return client;
  };
  return {
    name,
    channel: 'email',
    door,
    way: door,
    exchanges: true,
    async send(core, text) {
      const client = await open(core);
      if (credentials !== null) await client.say(`AUTH PLAIN ${credentials}`);
      const mail = `From: shop@example.com\r\nTo: jane@example.com\r\nSubject: ${text}\r\n\r\nHello\r\n`;
      const words = await client.deliver('shop@example.com', ['jane@example.com'], mail);
      await client.quit();
      return {
        yes: words.startsWith('250'),
        words,
        bytes: Buffer.from(mail),
        secrets: credentials === null ? [] : [password, credentials],
      };
    },
    async sendWrong(core) {
      const client = await open(core);
      await client.say('MAIL FROM:<shop@example.com>');
      const words = await client.say('RCPT TO:<jane@>');
      await client.quit();
      return { yes: words.startsWith('2'), words };
    },
    refusal: /^5\d\d 5\.1\.3/,
    notNow: /^452 4\.3\.1/,
  };
}
