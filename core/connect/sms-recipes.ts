/** Settings for the SDKs of SMS providers, each by the way that changes the app least: an address where the SDK takes one. */
import { at, preloadOption } from './environment.ts';
import { code } from './recipe-text.ts';
import type { Recipe } from './recipes.ts';
import { type KitFiles, kitFiles } from './redirect-kit.ts';

/** Where the doors of the SMS providers are. */
interface SmsDoors {
  readonly host: string;
  /** Of the plain door, with the scheme, without a slash at the end. */
  readonly base: string;
  readonly proxy: number;
  readonly caFile: string;
  readonly files: KitFiles;
}

/** @returns those whose doors are open */
export function smsRecipes(about: {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly caFile: string;
}): readonly Recipe[] {
  const { host, caFile } = about;
  const { providers, tls, proxy, smpp } = about.ports;
  const sessions = smpp === undefined ? [] : [nodeSmpp(host, smpp), anySmpp(host, smpp)];
  if (providers === undefined || tls === undefined || proxy === undefined) return sessions;
  const doors: SmsDoors = {
    host,
    base: `http://${at(host, providers)}`,
    proxy,
    caFile,
    files: kitFiles(caFile),
  };
  return [
    twilioNode(doors),
    twilioPython(doors),
    twilioElsewhere(doors),
    vonageNode(doors),
    messagebirdNode(doors),
    sinchNode(doors),
    infobipNode(doors),
    telnyxNode(doors),
    twilioCurl(doors),
    ...sessions,
  ];
}

const sms = { group: 'sms' } as const;
const anyKey = 'Any credentials will do, unless Settings, SMS fixes them.';
const anyNumber = 'Any number becomes a handset in the room Phones; answer from there.';
const signed = 'Reports are signed by the secret that the request was made with: your own validator agrees.';
const shownSecret = 'Its reports are signed by a secret of the sandbox: Settings, SMS has it to copy.';
const account = 'AC0123456789abcdef0123456789abcdef';
const to = '+14155552671';
const from = '+15005550006';

const twilioNode = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'twilio-node',
  title: 'Twilio in Node.js',
  language: 'javascript',
  code: code(
    "import twilio from 'twilio';",
    '',
    `const client = twilio('${account}', 'any-token');`,
    `client.api.baseUrl = '${base}/twilio';`,
    `client.messaging.baseUrl = '${base}/twilio';   // where it uses Messaging Services`,
    'const message = await client.messages.create({',
    `  to: '${to}',`,
    `  from: '${from}',`,
    "  body: 'Your code is 471147',",
    '});',
    'console.log(message.sid, message.status);',
  ),
  note: `${anyKey} ${anyNumber} ${signed} To change nothing in the app: the preload, under Push; of a proxy this SDK reads HTTP_PROXY alone.`,
});

const twilioPython = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'twilio-python',
  title: 'Twilio in Python',
  language: 'python',
  code: code(
    'from twilio.rest import Client',
    '',
    `client = Client("${account}", "any-token")`,
    `client.api.base_url = "${base}/twilio"`,
    `message = client.messages.create(to="${to}", from_="${from}", body="Your code is 471147")`,
    'print(message.sid, message.status)',
  ),
  note: `${anyKey} ${anyNumber} ${signed}`,
});

const twilioElsewhere = ({ host, proxy, files }: SmsDoors): Recipe => ({
  ...sms,
  id: 'twilio-proxy',
  title: 'Twilio in PHP, Ruby, Go, Java and C#, unchanged',
  language: 'shell',
  code: code(
    `export HTTPS_PROXY=http://${at(host, proxy)} https_proxy=http://${at(host, proxy)}`,
    'export NO_PROXY=localhost,127.0.0.1',
    `export SSL_CERT_FILE='${files.caBundle}'   # Go, Ruby, C# on Linux`,
    `php -d curl.cainfo='${files.caBundle}' send.php`,
    `# Java: -Dhttps.proxyHost=${host} -Dhttps.proxyPort=${proxy}, and a trust store with ca.pem`,
  ),
  note: `${anyKey} ${anyNumber} ${signed} The same way serves every provider’s SDK that takes no address.`,
});

const vonageNode = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'vonage-node',
  title: 'Vonage in Node.js',
  language: 'javascript',
  code: code(
    "import { Vonage } from '@vonage/server-sdk';",
    '',
    'const vonage = new Vonage(',
    "  { apiKey: 'abcd1234', apiSecret: 'any-secret' },",
    `  { restHost: '${base}/vonage', apiHost: '${base}/vonage' },`,
    ');',
    `const { messages } = await vonage.sms.send({ to: '${digits(to)}', from: '${digits(from)}', text: 'Your code is 471147' });`,
    'console.log(messages);',
  ),
  note: `${anyKey} ${anyNumber} ${shownSecret}`,
});

const messagebirdNode = ({ files, caFile }: SmsDoors): Recipe => ({
  ...sms,
  id: 'messagebird-node',
  title: 'MessageBird in Node.js, unchanged',
  language: 'shell',
  code: code(
    `export NODE_OPTIONS='${preloadOption(files.preload)}'`,
    `export NODE_EXTRA_CA_CERTS='${caFile}'`,
    'node app.js',
  ),
  note: `Its host is fixed in the SDK; the preload leads it here. ${anyKey} ${anyNumber} ${shownSecret}`,
});

const sinchNode = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'sinch-node',
  title: 'Sinch in Node.js',
  language: 'javascript',
  code: code(
    "import { SinchClient } from '@sinch/sdk-core';",
    '',
    'const sinch = new SinchClient({',
    "  servicePlanId: 'my-plan',",
    "  apiToken: 'any-token',",
    `  smsHostname: '${base}/sinch',`,
    `  authHostname: '${base}/sinch',`,
    '});',
    'const batch = await sinch.sms.batches.sendTextMessage({',
    `  sendSMSRequestBody: { to: ['${to}'], from: '${from}', body: 'Your code is 471147', delivery_report: 'per_recipient' },`,
    '});',
    'console.log(batch.id);',
  ),
  note: `${anyKey} ${anyNumber} ${shownSecret}`,
});

const infobipNode = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'infobip-node',
  title: 'Infobip in Node.js',
  language: 'javascript',
  code: code(
    "import { AuthType, Infobip } from '@infobip-api/sdk';",
    '',
    'const infobip = new Infobip({',
    `  baseUrl: '${base}/infobip',`,
    "  apiKey: 'any-key',",
    '  authType: AuthType.ApiKey,',
    '});',
    'const { data } = await infobip.channels.sms.send({',
    `  messages: [{ destinations: [{ to: '${digits(to)}' }], from: '${digits(from)}', text: 'Your code is 471147' }],`,
    '});',
    'console.log(data.messages);',
  ),
  note: `${anyKey} ${anyNumber}`,
});

const telnyxNode = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'telnyx-node',
  title: 'Telnyx in Node.js',
  language: 'javascript',
  code: code(
    "import Telnyx from 'telnyx';",
    '',
    `const telnyx = new Telnyx({ apiKey: 'any-key', baseURL: '${base}/telnyx/v2' });`,
    `const { data } = await telnyx.messages.send({ to: '${to}', from: '${from}', text: 'Your code is 471147' });`,
    'console.log(data.id, data.to);',
  ),
  note: `TELNYX_BASE_URL=${base}/telnyx/v2 does the same without a change. ${anyKey} ${anyNumber} ${shownSecret}`,
});

const twilioCurl = ({ base }: SmsDoors): Recipe => ({
  ...sms,
  id: 'twilio-curl',
  title: 'Twilio with curl',
  language: 'shell',
  code: code(
    `curl '${base}/twilio/2010-04-01/Accounts/${account}/Messages.json' \\`,
    `  -u '${account}:any-token' \\`,
    `  --data-urlencode 'To=${to}' --data-urlencode 'From=${from}' \\`,
    "  --data-urlencode 'Body=Your code is 471147'",
  ),
  note: `${anyKey} ${anyNumber}`,
});

const nodeSmpp = (host: string, port: number): Recipe => ({
  ...sms,
  id: 'smpp-node',
  title: 'SMPP in Node.js',
  language: 'javascript',
  code: code(
    "import smpp from 'smpp';",
    '',
    `const session = smpp.connect({ url: 'smpp://${at(host, port)}' }, () => {`,
    "  session.bind_transceiver({ system_id: 'shop', password: 'secret' }, () => {",
    '    session.submit_sm(',
    `      { destination_addr: '${digits(to)}', source_addr: '${digits(from)}', short_message: 'Your code is 471147', registered_delivery: 1 },`,
    '      (pdu) => {',
    '        console.log(pdu.command_status, pdu.message_id);',
    '        if (pdu.command_status !== 0) session.close();',
    '      },',
    '    );',
    '  });',
    '});',
    "session.on('deliver_sm', (pdu) => {",
    '  console.log(pdu.short_message.message);',
    '  session.send(pdu.response());',
    '  session.close();',
    '});',
  ),
  note: `${anyKey} ${anyNumber} Receipts wait until a receiver is bound.`,
});

const anySmpp = (host: string, port: number): Recipe => ({
  ...sms,
  id: 'smpp',
  title: 'Any SMPP 3.4 client',
  language: 'properties',
  code: code(
    `host=${host}`,
    `port=${port}`,
    'tls=no',
    'system_id=shop',
    'password=secret',
    'bind=transceiver',
    'interface_version=0x34',
  ),
  note: `${anyKey} Transmitters, receivers and transceivers; long messages by UDH, SAR or message_payload; data_coding 0, 1, 3 and 8. Receipts wait until a receiver is bound.`,
});

/** E.164 as providers write it that want no plus sign. */
function digits(number: string): string {
  return number.replace('+', '');
}
