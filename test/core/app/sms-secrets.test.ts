import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smsSecretRoutes } from '../../../core/api/routes/sms-secrets.ts';
import { accountsMax, openSmsSecrets, type SmsSecretsPorts } from '../../../core/app/sms-secrets.ts';
import { telnyxPublicKey } from '../../../core/channels/sms/telnyx/report.ts';
import { AppError } from '../../../core/model/app-error.ts';
import { openSeal } from '../../../core/store/seal.ts';

let folder: string;
let kept: Map<string, Map<string, unknown>>;
let problems: string[];
let fails: boolean;
let drawn: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandpost-secrets-'));
  kept = new Map();
  problems = [];
  fails = false;
  drawn = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const documentsOf = (kind: string): Map<string, unknown> => {
  const found = kept.get(kind) ?? new Map<string, unknown>();
  kept.set(kind, found);
  return found;
};

function ports(changed: Partial<SmsSecretsPorts> = {}): SmsSecretsPorts {
  return {
    store: {
      documents: (kind) => Promise.resolve([...documentsOf(kind)].map(([key, value]) => ({ key, value }))),
      saveDocument: (kind, key, value) => {
        if (fails) return Promise.reject(new AppError('disk_full', 'the disk is full'));
        documentsOf(kind).set(key, value);
        return Promise.resolve();
      },
      deleteDocument: (kind, key) => {
        documentsOf(kind).delete(key);
        return Promise.resolve();
      },
    },
    seal: openSeal(folder),
    // Steady, and another at each call.
    random: (count) => createHash('shake256', { outputLength: count }).update(String(drawn++)).digest(),
    onProblem: (text) => problems.push(text),
    ...changed,
  };
}

describe('secrets of SMS providers', () => {
  it('that a request carried sign from then on, are on disk sealed, and are there at the next start', async () => {
    const secrets = await openSmsSecrets(ports());
    expect(secrets.of('twilio', 'AC1')).toBeNull();
    const saved = secrets.seen('twilio', 'AC1', 'the-auth-token');
    // At once, for its first report may be due before that is on disk; and who asks meanwhile waits for it too.
    expect(secrets.of('twilio', 'AC1')).toBe('the-auth-token');
    expect(secrets.seen('twilio', 'AC1', 'the-auth-token')).toBe(saved);
    await saved;
    expect(secrets.seen('twilio', 'AC1', 'the-auth-token')).toBeNull();
    expect(secrets.of('twilio', 'AC2')).toBeNull();
    expect(secrets.of('vonage', 'AC1')).toBeNull();
    await secrets.seen('twilio', 'AC1', 'a-newer-token');
    expect(JSON.stringify([...documentsOf('sms_secret')])).not.toContain('token');
    expect((await openSmsSecrets(ports())).of('twilio', 'AC1')).toBe('a-newer-token');
  });

  it('that could not be kept are new again, for their message was refused', async () => {
    const secrets = await openSmsSecrets(ports());
    await secrets.seen('twilio', 'AC1', 'old');
    fails = true;
    await expect(secrets.seen('twilio', 'AC1', 'new')).rejects.toThrow('the disk is full');
    expect(secrets.of('twilio', 'AC1')).toBe('old');
    fails = false;
    await secrets.seen('twilio', 'AC1', 'new');
    expect((await openSmsSecrets(ports())).of('twilio', 'AC1')).toBe('new');
  });

  it('fixed by a setting go before those that were seen', async () => {
    const secrets = await openSmsSecrets(
      ports({ fixed: () => ({ twilio: [{ account: 'AC1', secret: 'fixed-token' }] }) }),
    );
    await secrets.seen('twilio', 'AC1', 'seen-token');
    expect(secrets.of('twilio', 'AC1')).toBe('fixed-token');
    expect(secrets.list(true)).toContainEqual(
      expect.objectContaining({ kind: 'fixed', account: 'AC1', value: 'fixed-token', name: null }),
    );
  });

  it('of accounts that were not used for longest go, when there are too many', async () => {
    const secrets = await openSmsSecrets(ports());
    for (let n = 0; n < accountsMax; n++) await secrets.seen('twilio', `AC${n}`, 'token');
    expect(secrets.of('twilio', 'AC0')).toBe('token');
    await secrets.seen('twilio', 'one more', 'token');
    expect(secrets.of('twilio', 'AC0')).toBe('token');
    expect(secrets.of('twilio', 'AC1')).toBeNull();
    expect(documentsOf('sms_secret').size).toBe(accountsMax);
  });

  it('of the sandbox itself look like the provider’s, and stay what they are', async () => {
    const secrets = await openSmsSecrets(ports());
    expect(secrets.own('twilio')).toMatch(/^[0-9a-f]{32}$/);
    expect(secrets.own('vonage')).toMatch(/^[A-Za-z0-9]{50}$/);
    expect(secrets.own('messagebird')).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(secrets.own('sinch')).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(secrets.own('infobip')).toMatch(/^[A-Za-z0-9]{40}$/);
    const key = secrets.own('telnyx');
    const signature = sign(null, Buffer.from('1|{}'), key);
    expect(verify(null, Buffer.from('1|{}'), createPublicKey(key), signature)).toBe(true);
    const again = await openSmsSecrets(ports());
    expect(again.list(true)).toEqual(secrets.list(true));
  });
});

describe('/v1/sms/secrets', () => {
  async function api() {
    const secrets = await openSmsSecrets(ports());
    await secrets.seen('twilio', 'AC1', '0123456789abcdef0123456789abcdef');
    const hono = new OpenAPIHono();
    hono.onError((error, c) => c.json({ code: error instanceof AppError ? error.code : '?' }, 404));
    smsSecretRoutes(hono, secrets);
    return { secrets, hono };
  }

  it('shows them masked, and whole when that is asked for; of Telnyx the public key as its portal does', async () => {
    const { secrets, hono } = await api();
    const response = await hono.request('/v1/sms/secrets');
    const { entries, total } = (await response.json()) as {
      entries: Record<string, unknown>[];
      total: number;
    };
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(total).toBe(7);
    const publicKey = telnyxPublicKey(secrets.own('telnyx'));
    expect(Buffer.from(publicKey, 'base64').length).toBe(32);
    expect(entries.find(({ name }) => name === 'telnyx')).toMatchObject({ value: '••••••••', publicKey });
    expect(entries.at(-1)).toEqual({
      name: null,
      provider: 'twilio',
      providerName: 'Twilio',
      account: 'AC1',
      kind: 'seen',
      value: '••••••••cdef',
      publicKey: null,
    });
    const whole = await (await hono.request('/v1/sms/secrets?reveal=true')).text();
    expect(whole).toContain('0123456789abcdef0123456789abcdef');
    expect(whole).toContain(secrets.own('messagebird'));
  });

  it('makes one of the sandbox’s own anew, and none of an app’s', async () => {
    const { secrets, hono } = await api();
    const before = secrets.own('vonage');
    const made = (await (await hono.request('/v1/sms/secrets/vonage/rotate', { method: 'POST' })).json()) as {
      value: string;
    };
    expect(made.value).toBe(secrets.own('vonage'));
    expect(made.value).not.toBe(before);
    expect((await openSmsSecrets(ports())).own('vonage')).toBe(made.value);
    expect((await hono.request('/v1/sms/secrets/smpp/rotate', { method: 'POST' })).status).toBe(404);
  });
});
