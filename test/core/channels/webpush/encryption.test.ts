import { createECDH } from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decryptAes128gcm,
  decryptAesgcm,
  drawSecrets,
  encryptAes128gcm,
  type ReceiverKeys,
} from '../../../../core/channels/webpush/encryption.ts';

/** RFC 8291 §5 and appendix A. */
const vector = {
  plain: 'When I grow up, I want to be a watermelon',
  receiverPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  receiverPublic: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  body: 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
};
const keys: ReceiverKeys = {
  privateKey: bytes(vector.receiverPrivate),
  publicKey: bytes(vector.receiverPublic),
  auth: bytes(vector.auth),
};

describe('message encryption for Web Push', () => {
  it('reads the message of RFC 8291 §5', () => {
    expect(text(decryptAes128gcm(bytes(vector.body), keys))).toBe(vector.plain);
  });

  it('writes the message of RFC 8291 §5', () => {
    const body = encryptAes128gcm(Buffer.from(vector.plain), keys, {
      salt: bytes(vector.salt),
      privateKey: bytes(vector.senderPrivate),
    });
    expect(body.toString('base64url')).toBe(vector.body);
  });

  it('reads what it wrote, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_993 }), (plain) => {
        const body = encryptAes128gcm(
          plain,
          keys,
          drawSecrets((count) => Buffer.alloc(count, 7)),
        );
        const read = decryptAes128gcm(body, keys);
        expect(read.ok && read.plain.equals(plain)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what looks like padding and is text', () => {
    const body = encryptAes128gcm(
      Buffer.from('hello\x02\0\0'),
      keys,
      drawSecrets((count) => Buffer.alloc(count)),
    );
    expect(text(decryptAes128gcm(body, keys))).toBe('hello\x02\0\0');
  });

  it.each([
    ['an empty body', '', /shorter than the header/],
    ['a key id that is no public key', `${'AAAA'.repeat(5)}AAAQAAAA`, /key id is 0 bytes/],
    ['another auth secret', vector.body, /not encrypted for this subscription/],
  ])('says what is wrong with %s', (_, body, why) => {
    const read = decryptAes128gcm(bytes(body), { ...keys, auth: Buffer.alloc(16) });
    expect(read.ok ? '' : read.why).toMatch(why);
  });

  it('never throws at what is no message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        expect(decryptAes128gcm(body, keys).ok).toBe(false);
        expect(
          decryptAesgcm(body, keys, { salt: body.subarray(0, 16), sender: body.subarray(0, 65) }).ok,
        ).toBe(false);
      }),
    );
  });

  it('reads what web-push sends, in both encodings', () => {
    const helper: unknown = createRequire(import.meta.url)('web-push/src/encryption-helper.js');
    const { encrypt } = helper as {
      encrypt(
        p256dh: string,
        auth: string,
        plain: string,
        encoding: string,
      ): { cipherText: Buffer; salt: string; localPublicKey: Buffer };
    };
    const pair = createECDH('prime256v1');
    pair.generateKeys();
    const own = {
      privateKey: pair.getPrivateKey(),
      publicKey: pair.getPublicKey(),
      auth: Buffer.alloc(16, 3),
    };
    const send = (encoding: string) =>
      encrypt(own.publicKey.toString('base64url'), own.auth.toString('base64url'), 'Grüße', encoding);
    expect(text(decryptAes128gcm(send('aes128gcm').cipherText, own))).toBe('Grüße');
    const old = send('aesgcm');
    expect(
      text(
        decryptAesgcm(old.cipherText, own, {
          salt: Buffer.from(old.salt, 'base64url'),
          sender: old.localPublicKey,
        }),
      ),
    ).toBe('Grüße');
  });
});

function bytes(base64url: string): Buffer {
  return Buffer.from(base64url, 'base64url');
}

function text(read: ReturnType<typeof decryptAes128gcm>): string {
  return read.ok ? read.plain.toString('utf8') : `not read: ${read.why}`;
}
