/** Where each provider is reached; what suspensions of the queue go by. */
import type { SmsProvider } from '../../model/sms.ts';

export const smsProviderHosts: Readonly<Record<SmsProvider, string>> = {
  twilio: 'api.twilio.com',
  vonage: 'rest.nexmo.com',
  messagebird: 'rest.messagebird.com',
  sinch: 'sms.api.sinch.com',
  infobip: 'api.infobip.com',
  telnyx: 'api.telnyx.com',
  /** Each operator has its own; this one stands for the sandbox's. */
  smpp: 'smpp',
};
