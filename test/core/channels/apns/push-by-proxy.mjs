// An app with node-apn and a proxy, as its own process: only so does Node take the CA that NODE_EXTRA_CA_CERTS names.
import apn from '@parse/node-apn';

const [asked = '{}'] = process.argv.slice(2);
const { key, keyId, teamId, production, port, topic, token } = JSON.parse(asked);
const provider = new apn.Provider({
  token: { key, keyId, teamId },
  production,
  proxy: { host: '127.0.0.1', port },
});
const note = Object.assign(new apn.Notification(), { topic, pushType: 'alert', alert: 'Hello' });
const { sent, failed } = await provider.send(note, token);
console.log(
  JSON.stringify({
    sent: sent.length,
    failed: failed.map((one) => String(one.error ?? one.response?.reason)),
  }),
);
await provider.shutdown();
