/** How MessageBird calls the app: signed by `MessageBird-Signature-JWT`, ten times at the most. */
import { createHash } from 'node:crypto';
import type { CallbackHabit, DressedCallback } from '../../../delivery/sms-far-side.ts';
import type { SmsDoorPorts } from '../room.ts';
import { uuidOf } from '../uuid.ts';
import { signHs256 } from '../web-token.ts';

/** Not documented; long enough for an app that looks something up. */
const timeoutMs = 10_000;
/** "We retry up to 10 times": https://developers.messagebird.com/api/sms-messaging/#status-reports */
const attemptsMax = 10;
/** How long it waits between them it does not say: here a minute, then twice as long each time, an hour at the most. */
const firstRetryMs = 60_000;
const retryMsMax = 3_600_000;
/** Of the token: as the reference tokens of MessageBird's clients have it. */
const tokenAgeSMax = 60;

export function createMessagebirdHabit({ secrets, random }: SmsDoorPorts): CallbackHabit {
  return {
    provider: 'messagebird',
    timeoutMs,
    /** Source: https://developers.messagebird.com/api/#verifying-http-requests */
    dress({ method, url, contentType, body }, { wallMs }): DressedCallback {
      const sent = contentType === null ? null : body;
      const nowS = Math.floor(wallMs / 1000);
      const token = signHs256(
        {
          iss: 'MessageBird',
          nbf: nowS,
          exp: nowS + tokenAgeSMax,
          jti: uuidOf(random(16)),
          url_hash: sha256(url),
          ...(sent === null || sent === '' ? {} : { payload_hash: sha256(sent) }),
        },
        secrets.own('messagebird'),
      );
      return {
        method,
        url,
        fields: {
          ...(contentType === null ? {} : { 'content-type': contentType }),
          'messagebird-signature-jwt': token,
        },
        body: sent,
      };
    },
    judge(_, answer, { number }) {
      if (answer !== null && answer.status >= 200 && answer.status < 300) return { kind: 'done' };
      if (number >= attemptsMax)
        return { kind: 'over', why: `MessageBird tries ${attemptsMax} times, and no more` };
      return { kind: 'again', afterMs: Math.min(retryMsMax, firstRetryMs * 2 ** (number - 1)) };
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
