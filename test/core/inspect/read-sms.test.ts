import { describe, expect, it } from 'vitest';
import { detailOfSms, type SmsMessageAbout, summarizeSms } from '../../../core/inspect/read-sms.ts';
import { noDetails } from '../../../core/model/message-details.ts';
import type { SmsDetails } from '../../../core/model/sms.ts';
import { readSmsSubmission, smsSubmissionBytes } from '../../../core/model/sms-submission.ts';

const sms: SmsDetails = {
  provider: 'twilio',
  api: 'messages',
  account: 'AC1',
  sender: '+15005550006',
  service: null,
  providerId: 'SM1',
  text: 'Your code is 482913.\nOr open https://shop.example/in.',
  media: [{ url: 'https://shop.example/cat.png', contentType: null }],
  encoding: 'GSM-7',
  parts: 1,
  headers: [['host', 'api.twilio.com']],
  validityMs: null,
  sendAtMs: null,
  callbackUrl: null,
  reference: null,
  answers: null,
};
const about: SmsMessageAbout = {
  channel: 'sms',
  envelopeFrom: '+15005550006',
  envelopeTo: ['+14155550123'],
  details: { ...noDetails, sms },
};

describe('reading an SMS', () => {
  it('summarizes what a provider’s door took by what its request said', () => {
    expect(summarizeSms(about, Buffer.from('To=%2B1415'))).toMatchObject({
      subject: '',
      from: { address: '+15005550006' },
      to: [{ address: '+14155550123' }],
      messageId: 'SM1',
      snippet: 'Your code is 482913. Or open https://shop.example/in.',
      problems: [],
    });
  });

  it('finds codes, links and media', () => {
    const detail = detailOfSms(about, Buffer.from(''));
    expect(detail.codes.map(({ code }) => code)).toEqual(['482913']);
    expect(detail.links.map(({ url }) => url)).toEqual([
      'https://shop.example/in',
      'https://shop.example/cat.png',
    ]);
    expect(detail.headers).toEqual([{ name: 'host', value: 'api.twilio.com', raw: 'api.twilio.com' }]);
  });

  it('reads what the send API took as it was stored', () => {
    const bytes = smsSubmissionBytes({
      to: [{ number: '+14155550123' }],
      from: null,
      body: 'Hello',
      media: [],
      providers: ['vonage', 'twilio'],
      trackLinks: false,
      validitySeconds: null,
      reference: 'order-7',
      tags: [],
      metadata: {},
      stream: null,
      sendAtMs: null,
      project: null,
    });
    expect(Buffer.from(bytes).toString()).toBe(
      '{"channel":"sms","to":[{"number":"+14155550123"}],"body":"Hello","providers":["vonage","twilio"],"reference":"order-7"}',
    );
    expect(readSmsSubmission(bytes)).toMatchObject({ from: null, providers: ['vonage', 'twilio'] });
    expect(summarizeSms({ ...about, details: noDetails }, bytes)).toMatchObject({ snippet: 'Hello' });
  });

  it('says so when what is stored is no SMS', () => {
    expect(summarizeSms({ ...about, details: null }, Buffer.from('no'))).toMatchObject({
      snippet: '',
      problems: [{ code: 'unreadable' }],
    });
  });
});
