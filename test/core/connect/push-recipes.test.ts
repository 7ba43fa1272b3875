import { describe, expect, it } from 'vitest';
import { recipes } from '../../../core/connect/recipes.ts';

const ports = {
  smtp: 40_125,
  providers: 48_026,
  tls: 48_443,
  proxy: 48_027,
  apns: 42_197,
  apnsManage: 42_195,
  metadata: 48_028,
};
const facts = { host: '127.0.0.1', ports, url: 'http://127.0.0.1:40025', caFile: '/data/ca.pem' };
const push = recipes(facts).filter(({ group }) => group === 'push');

describe('recipes for push', () => {
  it('cover the SDKs of each provider, in the languages that have one', () => {
    expect(push.map(({ id }) => id)).toEqual([
      ...['node-preload', 'connect-proxy', 'node-apn', 'apns2'],
      ...[
        'firebase-admin',
        'firebase-admin-python',
        'firebase-admin-java',
        'firebase-admin-go',
        'firebase-admin-dotnet',
      ],
      ...[
        'googleapis-fcm',
        'google-auth-library',
        'web-push',
        'pywebpush',
        'web-push-php',
        'curl-apns',
        'curl-fcm',
      ],
    ]);
  });

  it('name the ports and files that this core really has', () => {
    for (const { id, code } of push) {
      expect(code, id).toMatch(/4[028]\d{3}|\/data\/sandpost-redirect\.cjs/);
      expect(code, id).not.toMatch(/undefined|null|\b(?:2197|8026|8027|8028|8443)\b/);
    }
  });

  it('name a path of Windows so that source code and options can hold it', () => {
    const windows = recipes({ ...facts, caFile: 'C:\\Users\\Jo Doe\\Sandpost\\ca.pem' });
    const of = (id: string) => windows.find((one) => one.id === id)?.code ?? '';
    expect(of('node-apn')).toContain("readFileSync('C:/Users/Jo Doe/Sandpost/ca.pem')");
  });

  it('are none while a door is closed, and leave those for mail alone', () => {
    const { proxy: _, ...closed } = ports;
    expect(recipes({ ...facts, ports: closed }).some(({ group }) => group === 'push')).toBe(false);
    const { smtp: __, ...pushOnly } = ports;
    const others = ['sms', 'inapp', 'send'];
    const left = recipes({ ...facts, ports: pushOnly }).filter(({ group }) => !others.includes(group));
    expect(left).toEqual(push);
  });
});
