/** The message that the screen's button “send a test” sends, by SMTP to one of our own doors. */
import { AppError } from '../model/app-error.ts';
import type { OwnAddress } from './own-address.ts';

/** @throws AppError `not_found` for a door that is closed */
export async function sendTest(door: string, { host, ports }: OwnAddress): Promise<void> {
  const port = ports()[door];
  if (port === undefined) throw new AppError('not_found', `The door ${door} is closed.`);
  // Only here: loading it at the start would make every start wait for it.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host,
    port,
    secure: door === 'smtps',
    requireTLS: door === 'submission',
    ignoreTLS: door === 'smtp',
    // To our own door, whose certificate is ours.
    tls: { rejectUnauthorized: false },
  });
  try {
    await transport.sendMail({
      from: { name: 'Sandpost', address: 'hello@sandpost.example' },
      to: 'you@example.com',
      subject: `A test message through the door ${door}`,
      text: `This message went by SMTP to ${host}:${port}.\n\nYour app's messages will show up beside it.\n`,
      html: `<p>This message went by SMTP to <b>${host}:${port}</b>.</p><p>Your app's messages will show up beside it.</p>`,
    });
  } finally {
    transport.close();
  }
}
