import { describe, expect, it } from 'vitest';
import { liveSetupSchema, relaySettingsSchema } from '../../core/api/live-relay-schema.ts';
import { type RelayKind, relayKinds } from '../../core/model/live-relay.ts';
import type { Relay } from '../../renderer/src/api/live-relay.ts';
import { readEntries, readEntry, withEntries } from '../../renderer/src/live-relay/allow-entry.ts';
import {
  emptyValues,
  fieldRows,
  missingOf,
  readKeyFile,
  secretRows,
  settingsOf,
  valuesOf,
  variableOf,
} from '../../renderer/src/live-relay/relay-form.ts';
import {
  emptySetup,
  formOf,
  parseSetup,
  relayOf,
  readSetup,
  type SetupForm,
} from '../../renderer/src/live-relay/setup-form.ts';
import { iso } from './delivery.ts';

const relay = (about: Partial<Relay> = {}): Relay => ({
  id: 'relay-1',
  name: 'main',
  settings: relaySettingsSchema.parse({ kind: 'smtp', host: 'smtp.example.com' }),
  channels: ['email'],
  address: 'smtp.example.com:587',
  credential: {},
  missing: [],
  createdAt: iso(0),
  verified: null,
  ...about,
});

describe('an entry of the list', () => {
  it('of mail is an address, a domain or a user, by what it looks like', () => {
    expect(readEntry(' Jane@example.com ', 'email')).toEqual({ kind: 'address', value: 'Jane@example.com' });
    for (const written of ['example.org', '@example.org', '*@example.org', '*.Example.org'])
      expect(readEntry(written, 'email')).toEqual({ kind: 'domain', value: 'example.org' });
    expect(readEntry('user: 42', 'email')).toEqual({ kind: 'user', value: '42' });
    expect(readEntry('  ', 'email')).toBeNull();
  });

  it('of SMS is a number without its ornaments, else a user', () => {
    expect(readEntry('+1 (415) 555-0123', 'sms')).toEqual({ kind: 'number', value: '+14155550123' });
    expect(readEntry('jane', 'sms')).toEqual({ kind: 'user', value: 'jane' });
  });

  it('of push is a token when it is long, or an address of a push service', () => {
    expect(readEntry('a1'.repeat(32), 'apns')).toMatchObject({ kind: 'token' });
    expect(readEntry('https://fcm.googleapis.com/x', 'webpush')).toMatchObject({ kind: 'token' });
    expect(readEntry('42', 'fcm')).toEqual({ kind: 'user', value: '42' });
  });

  it('comes with others when many are pasted, each once', () => {
    const read = readEntries('a@x.io, b@x.io;a@x.io\nx.io', 'email');
    expect(withEntries([{ kind: 'address', value: 'b@x.io' }], read).map(({ value }) => value)).toEqual([
      'b@x.io',
      'a@x.io',
      'x.io',
    ]);
    expect(readEntries('+1 415 555 0123, +49 171 1234567', 'sms')).toHaveLength(2);
    expect(readEntries('user: 42', 'email')).toEqual([{ kind: 'user', value: '42' }]);
  });
});

describe('the form of going live', () => {
  const withMail = (about: Partial<SetupForm['channels']['email']>): SetupForm => ({
    ...emptySetup,
    channels: { ...emptySetup.channels, email: { ...emptySetup.channels.email, on: true, ...about } },
  });
  const jane = { kind: 'address', value: 'jane@example.com' } as const;

  it('becomes what the API takes', () => {
    const read = readSetup(withMail({ entries: [jane] }), [relay()]);
    if (!('setup' in read)) throw new Error('it was refused');
    expect(liveSetupSchema.parse(read.setup)).toEqual({
      channels: {
        email: {
          relayId: 'relay-1',
          recipients: { kind: 'allow', entries: [jane] },
          perHourMax: 50,
          passThrough: false,
        },
      },
      durationMs: 900_000,
    });
  });

  it('takes the only relay there is, and asks where there are two', () => {
    const two = [relay(), relay({ id: 'relay-2', name: 'other' })];
    expect(relayOf({ relayId: '' }, [relay()], 'email')?.id).toBe('relay-1');
    expect(relayOf({ relayId: '' }, two, 'email')).toBeNull();
    expect(relayOf({ relayId: 'relay-2' }, two, 'email')?.id).toBe('relay-2');
    expect(readSetup(withMail({ entries: [jane] }), two)).toMatchObject({
      faults: { channels: { email: { relay: 'Pick a relay.' } } },
    });
  });

  it('is refused without a channel, without anybody on the list, over the limits', () => {
    expect(readSetup(emptySetup, [relay()])).toMatchObject({ faults: { whole: expect.any(String) } });
    expect(readSetup(withMail({}), [relay()])).toMatchObject({
      faults: { channels: { email: { recipients: expect.stringContaining('at least one address') } } },
    });
    expect(readSetup(withMail({ recipients: 'rewrite', to: ' ' }), [relay()])).toMatchObject({
      faults: { channels: { email: { recipients: expect.any(String) } } },
    });
    expect(readSetup(withMail({ entries: [jane], perHourMax: '0' }), [relay()])).toMatchObject({
      faults: { channels: { email: { perHourMax: expect.any(String) } } },
    });
    for (const duration of ['soon', '1s', '9h'])
      expect(readSetup({ ...withMail({ entries: [jane] }), duration }, [relay()])).toMatchObject({
        faults: { duration: expect.any(String) },
      });
  });

  it('is kept between two times, and starts anew where what was kept cannot be read', () => {
    const form = withMail({ entries: [jane], relayId: 'relay-1', perHourMax: '7' });
    expect(parseSetup(JSON.stringify(form))).toEqual(form);
    for (const kept of ['', '[]', '{"channels": 3}', 'null']) expect(parseSetup(kept)).toEqual(emptySetup);
    const odd = JSON.stringify({ channels: { email: { on: true, entries: [{ kind: 'all', value: 'x' }] } } });
    expect(parseSetup(odd).channels.email.entries).toEqual([]);
  });

  it('shows what is live, to change it', () => {
    const live = {
      channels: {
        email: {
          relay: { id: 'relay-1', name: 'main', kind: 'smtp' as const },
          recipients: { kind: 'rewrite' as const, to: 'me@example.com' },
          perHourMax: 5,
          passThrough: false,
          sentThisHour: 1,
          held: 0,
        },
      },
    };
    const form = formOf(live, withMail({ on: false, entries: [jane] }));
    expect(form.channels.email).toMatchObject({ on: true, recipients: 'rewrite', to: 'me@example.com' });
    expect(form.channels.email.entries).toEqual([jane]);
    expect(form.channels.sms.on).toBe(false);
  });
});

describe('the form of a relay', () => {
  const filled: Readonly<Record<RelayKind, Readonly<Record<string, string>>>> = {
    smtp: { host: 'smtp.example.com', pins: `${'a'.repeat(64)} ${'b'.repeat(64)}` },
    mx: { dnsServers: '192.0.2.53' },
    apns: { keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', environment: 'production' },
    fcm: { projectId: 'p', clientEmail: 'a@p.iam.gserviceaccount.com' },
    webpush: { subject: 'mailto:me@example.com', publicKey: 'B'.repeat(87) },
    twilio: { account: 'AC1' },
    vonage: { account: 'k' },
    messagebird: { account: 'a' },
    sinch: { account: 'plan' },
    infobip: { account: 'a', url: 'https://x.api.infobip.com' },
    telnyx: { account: 'a' },
    smpp: { account: 's', url: 'smpp.example.com:2775' },
    webhook: { url: 'https://example.com/hook' },
  };

  it.each(relayKinds)('of %s becomes what the API takes, and back', (kind) => {
    const values = { ...emptyValues(kind), ...filled[kind] };
    expect(missingOf(kind, values)).toEqual([]);
    const settings = relaySettingsSchema.parse(settingsOf(kind, values));
    expect(settings).toMatchObject({ kind });
    expect(relaySettingsSchema.parse(settingsOf(kind, valuesOf(settings)))).toEqual(settings);
  });

  it.each(relayKinds)('of %s has a field for every setting the API knows', (kind) => {
    const known = Object.keys(
      relaySettingsSchema.parse(settingsOf(kind, { ...emptyValues(kind), ...filled[kind] })),
    );
    const fields = fieldRows[kind].map(({ name }) => name);
    expect(known.filter((name) => name !== 'kind' && !fields.includes(name))).toEqual([]);
  });

  it('names what is missing', () => {
    expect(missingOf('smtp', emptyValues('smtp'))).toEqual(['host']);
    expect(missingOf('fcm', {})).toEqual(['projectId', 'clientEmail']);
  });

  it('asks for what opens a relay by its kind and its login', () => {
    const names = (kind: RelayKind, auth = '') => secretRows(kind, { auth }).map(({ name }) => name);
    expect(names('smtp', 'plain')).toEqual(['user', 'password']);
    expect(names('smtp', 'xoauth2')).toEqual(['user', 'accessToken']);
    expect(names('smtp', 'none')).toEqual([]);
    expect(names('apns', 'token')).toEqual(['privateKey']);
    expect(names('apns', 'certificate')).toEqual(['certificate', 'privateKey']);
    expect(names('twilio')).toEqual(['secret']);
  });

  it('names the variable of the environment as the core reads it', () => {
    expect(variableOf('main', 'password')).toBe('SANDPOST_RELAY_MAIN_PASSWORD');
    expect(variableOf('my-push', 'privateKey')).toBe('SANDPOST_RELAY_MY_PUSH_PRIVATE_KEY');
  });

  it('reads a service account, and an Apple key with the id in its name', () => {
    const account = {
      type: 'service_account',
      project_id: 'shop',
      client_email: 'push@shop.iam.gserviceaccount.com',
      private_key_id: 'k1',
      private_key: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n',
    };
    expect(readKeyFile('shop.json', JSON.stringify(account), 'privateKey')).toEqual({
      values: { projectId: 'shop', clientEmail: account.client_email, privateKeyId: 'k1' },
      secrets: { privateKey: account.private_key },
    });
    expect(readKeyFile('AuthKey_ABC123DEFG.p8', account.private_key, 'privateKey')).toEqual({
      values: { keyId: 'ABC123DEFG' },
      secrets: { privateKey: account.private_key.trim() },
    });
  });

  it('says no to what holds no key', () => {
    expect(readKeyFile('notes.txt', 'hello', 'privateKey')).toBeNull();
    expect(readKeyFile('broken.json', '{"project_id": ', 'privateKey')).toBeNull();
    expect(readKeyFile('other.json', '{"type": "authorized_user"}', 'privateKey')).toBeNull();
  });
});
