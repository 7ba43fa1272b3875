/**
 * Hosts of the providers whose doors speak TLS by name; the CA may vouch for these and no others outside. `*.` stands for
 * one more label. `www.googleapis.com` and `accounts.google.com` are left out on purpose: no client of push needs them,
 * and much else does.
 */
export const providerHosts: readonly string[] = [
  'api.push.apple.com',
  'api.sandbox.push.apple.com',
  'api.development.push.apple.com',
  'api-manage-broadcast.push.apple.com',
  'api-manage-broadcast.sandbox.push.apple.com',
  'fcm.googleapis.com',
  'oauth2.googleapis.com',
  'iid.googleapis.com',
  'fcmregistrations.googleapis.com',
  'updates.push.services.mozilla.com',
  'web.push.apple.com',
  '*.notify.windows.com',
  'api.twilio.com',
  'messaging.twilio.com',
  'rest.nexmo.com',
  'api.nexmo.com',
  'rest.messagebird.com',
  'sms.api.sinch.com',
  '*.sms.api.sinch.com',
  '*.us.sms.api.sinch.com',
  '*.eu.sms.api.sinch.com',
  'auth.sinch.com',
  '*.auth.sinch.com',
  'api.infobip.com',
  '*.api.infobip.com',
  'api.telnyx.com',
];
