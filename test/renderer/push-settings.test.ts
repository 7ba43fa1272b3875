import { describe, expect, it } from 'vitest';
import { pushSettingsSchema } from '../../core/api/push-schema.ts';
import {
  apnsForm,
  fcmForm,
  keyIdOf,
  readAccountFile,
  readApnsForm,
  readFcmForm,
} from '../../renderer/src/settings/push-form.ts';
import { readWords } from '../../renderer/src/word-list.ts';

const { apns, fcm } = pushSettingsSchema.parse({
  apns: { topics: ['com.example.shop', 'com.example.news'] },
  fcm: { projects: [{ id: 'shop', number: '42', apps: ['com.example.shop'] }] },
  proxy: { otherHosts: 'refuse' },
});

describe('the settings of the push providers', () => {
  it('are read back as they were written', () => {
    expect(readApnsForm(apnsForm(apns))).toEqual({
      perDevicePerSecond: 0,
      topics: ['com.example.shop', 'com.example.news'],
      broadcastApps: [],
    });
    expect(readFcmForm(fcmForm(fcm), fcm)).toEqual({ projects: fcm.projects, metadata: fcm.metadata });
  });

  it('take names with spaces, commas or lines between, and keep what is said of a project besides its id', () => {
    expect(readWords(' a.example,\n*.b.example  c:1 ')).toEqual(['a.example', '*.b.example', 'c:1']);
    const form = { ...fcmForm(fcm), projects: 'news, shop', metadataEmail: ' vm@shop.example ' };
    expect(readFcmForm(form, fcm)).toMatchObject({
      projects: [{ id: 'news', number: null, apps: [] }, fcm.projects[0]],
      metadata: { email: 'vm@shop.example' },
    });
  });

  it('know a number that is none', () => {
    expect(readApnsForm({ ...apnsForm(apns), perDevicePerSecond: 'many' })).toBeNull();
    expect(readApnsForm({ ...apnsForm(apns), perDevicePerSecond: ' 5 ' })?.perDevicePerSecond).toBe(5);
  });

  it('read the file of a service account, and no other', () => {
    const file = { client_email: 'a@shop.iam.gserviceaccount.com', private_key: 'PEM', project_id: 'shop' };
    expect(readAccountFile(JSON.stringify(file))).toEqual({
      clientEmail: file.client_email,
      projectId: 'shop',
      privateKey: 'PEM',
    });
    expect(readAccountFile('{"project_info":{}}')).toBeNull();
    expect(readAccountFile('null')).toBeNull();
    expect(readAccountFile('-----BEGIN PRIVATE KEY-----')).toBeNull();
  });

  it('take the id of a key from the name of its file', () => {
    expect(keyIdOf('AuthKey_ABC123DEFG.p8')).toBe('ABC123DEFG');
    expect(keyIdOf('AuthKey_ABC123DEFG (1).p8')).toBe('ABC123DEFG');
    expect(keyIdOf('push.p8')).toBe('');
  });
});
