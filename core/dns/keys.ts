/** Makes the key pairs of a sending domain: RSA for everybody, Ed25519 for those who know it (RFC 8463). */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { DkimKey } from '../model/sending-domain.ts';

export type KeyPair = Pick<DkimKey, 'publicKey' | 'privateKey'>;
/** Slow (RSA takes a tenth of a second or more), and never on the thread that asks. */
export type MakeKeyPair = (algorithm: DkimKey['algorithm']) => Promise<KeyPair>;

const generate = promisify(generateKeyPair);
/** RFC 8301 §3.2 asks for 1024 at least and advises 2048. */
const rsaBits = 2_048;
const ed25519Bytes = 32;

export const makeKeyPair: MakeKeyPair = async (algorithm) => {
  switch (algorithm) {
    case 'rsa-sha256': {
      const { publicKey, privateKey } = await generate('rsa', { modulusLength: rsaBits });
      return {
        publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    }
    case 'ed25519-sha256': {
      const { publicKey, privateKey } = await generate('ed25519');
      // The raw key ends the SPKI structure (RFC 8410 §4), and is what p= has (RFC 8463 §4).
      return {
        publicKey: publicKey
          .export({ type: 'spki', format: 'der' })
          .subarray(-ed25519Bytes)
          .toString('base64'),
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    }
  }
};

/** Both kinds, under one name: `sp2-rsa` and `sp2-ed`. */
export async function makeKeys(
  selector: string,
  createdAtMs: number,
  make: MakeKeyPair,
): Promise<readonly DkimKey[]> {
  const [rsa, ed25519] = await Promise.all([make('rsa-sha256'), make('ed25519-sha256')]);
  const own = { active: true, createdAtMs };
  return [
    { ...rsa, ...own, selector: `${selector}-rsa`, algorithm: 'rsa-sha256' },
    { ...ed25519, ...own, selector: `${selector}-ed`, algorithm: 'ed25519-sha256' },
  ];
}
