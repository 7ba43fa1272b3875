/** A service account of Google's that a test made up. */
import { generateKeyPairSync } from 'node:crypto';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const serviceAccount = {
  projectId: 'shop',
  clientEmail: 'app@shop.iam.gserviceaccount.com',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};
