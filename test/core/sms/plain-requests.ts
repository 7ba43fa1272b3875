/** One SMS by each interface of each provider, as plain as can be: for tests that are not about an SDK. */
import smpp, { type ClientPdu, type Session } from 'smpp';
import type { SmsProvider } from '../../../core/model/sms.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The interfaces that apps send by; Vonage has two. */
export type Api = SmsProvider | 'vonageMessages';

export interface PlainRequests {
  /** @returns the provider's answer @throws where it is no yes of HTTP */
  send(api: Api, to: string, more?: Fields, text?: string): Promise<unknown>;
  post(
    path: string,
    authorization: string,
    body: Fields | URLSearchParams,
    method?: string,
  ): Promise<unknown>;
  /** What came over the session of SMPP, oldest first. */
  readonly receipts: readonly ClientPdu[];
  close(): void;
}

export const twilioAccount = 'AC0123456789abcdef0123456789abcdef';
export const twilioPath = `/twilio/2010-04-01/Accounts/${twilioAccount}/Messages`;
export const twilioBasic = basic(twilioAccount);
export const plainSender = '+447700900001';

function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:secret-of-16-let`).toString('base64')}`;
}

/** How each is asked to report to an address; of SMPP by its session. */
export const reportTo: Readonly<Record<Api, (url: string) => Fields>> = {
  twilio: (url) => ({ StatusCallback: url }),
  vonage: (callback) => ({ callback }),
  vonageMessages: (webhook_url) => ({ webhook_url }),
  messagebird: (reportUrl) => ({ reference: 'order-7', reportUrl }),
  sinch: (callback_url) => ({ delivery_report: 'full', callback_url }),
  infobip: (url) => ({ webhooks: { delivery: { url } } }),
  telnyx: (webhook_url) => ({ webhook_url }),
  smpp: () => ({}),
};

/** Bound as a transceiver; of the plain door and the SMPP door of a core on this machine. */
export async function plainRequests(port: (door: string) => number): Promise<PlainRequests> {
  const session = await bound(port('smpp'));
  const receipts: ClientPdu[] = [];
  session.on('deliver_sm', (pdu: ClientPdu) => {
    session.send(pdu.response());
    receipts.push(pdu);
  });

  async function post(
    path: string,
    authorization: string,
    body: Fields | URLSearchParams,
    method = 'POST',
  ): Promise<unknown> {
    const form = body instanceof URLSearchParams;
    const answer = await fetch(`http://127.0.0.1:${port('providers')}${path}`, {
      method,
      headers: { authorization, ...(form ? {} : { 'content-type': 'application/json' }) },
      body: form ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  const from = plainSender;
  const requests: Readonly<Record<Api, (to: string, more: Fields, text: string) => Promise<unknown>>> = {
    twilio: (to, more, text) =>
      post(
        `${twilioPath}.json`,
        twilioBasic,
        new URLSearchParams({
          To: to,
          ...('MessagingServiceSid' in more ? {} : { From: from }),
          Body: text,
          ...more,
        }),
      ),
    vonage: (to, more, text) =>
      post('/vonage/sms/json', basic('abcd1234'), { to: digits(to), from: digits(from), text, ...more }),
    vonageMessages: (to, more, text) =>
      post('/vonage/v1/messages', basic('abcd1234'), {
        channel: 'sms',
        message_type: 'text',
        to: digits(to),
        from: digits(from),
        text,
        ...more,
      }),
    messagebird: (to, more, text) =>
      post('/messagebird/messages', 'AccessKey live_abcdefgh', {
        originator: from,
        recipients: [digits(to)],
        body: text,
        ...more,
      }),
    sinch: (to, more, text) =>
      post('/sinch/xms/v1/plan/batches', 'Bearer token', {
        to: [digits(to)],
        from: digits(from),
        body: text,
        ...more,
      }),
    infobip: (to, more, text) =>
      post('/infobip/sms/3/messages', 'App key', {
        messages: [{ sender: digits(from), destinations: [{ to: digits(to) }], content: { text }, ...more }],
      }),
    telnyx: (to, more, text) => post('/telnyx/v2/messages', 'Bearer KEY_any', { to, from, text, ...more }),
    smpp: (to, more, text) =>
      new Promise((resolve) => {
        const fields = {
          source_addr_ton: 1,
          source_addr_npi: 1,
          source_addr: digits(from),
          dest_addr_ton: 1,
          dest_addr_npi: 1,
          destination_addr: digits(to),
          registered_delivery: 1,
          short_message: text,
        };
        session.submit_sm({ ...fields, ...more }, resolve);
      }),
  };

  return {
    send: (api, to, more = {}, text = 'Hello') => requests[api](to, more, text),
    post,
    receipts,
    close: () => session.destroy(),
  };
}

async function bound(port: number): Promise<Session> {
  const session = await new Promise<Session>((resolve) => {
    const made = smpp.connect({ url: `smpp://127.0.0.1:${port}` }, () => resolve(made));
  });
  session.on('error', () => undefined);
  await new Promise((resolve) => {
    session.bind_transceiver({ system_id: 'shop', password: 'secret' }, resolve);
  });
  return session;
}

function digits(number: string): string {
  return number.replace('+', '');
}
