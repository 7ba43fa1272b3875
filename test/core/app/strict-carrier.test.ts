import { describe, expect, it } from 'vitest';
import { strictCarrier } from '../../../core/app/mail.ts';
import type { Carrier } from '../../../core/delivery/carrier.ts';
import { AppError, type ErrorCode } from '../../../core/model/app-error.ts';
import { delivery } from '../channels/email/carry-mail.ts';

const throwing = (code: ErrorCode): Carrier =>
  strictCarrier({
    carry: () => Promise.reject(new AppError(code, 'There are 10000 sending domains; remove some first.')),
    close: () => Promise.resolve(),
  });
const job = { deliveries: [delivery('a@far.example')], nowMs: 0, signal: new AbortController().signal };

describe('a sender domain that cannot be set up on the fly', () => {
  it.each(['sender_domain_unknown', 'bad_request'] as const)(
    'ends the delivery with its words (%s)',
    async (code) => {
      expect((await throwing(code).carry(job)).results).toMatchObject([
        {
          outcome: { kind: 'failed' },
          class: 'config',
          text: 'There are 10000 sending domains; remove some first.',
          suppresses: 'never',
        },
      ]);
    },
  );

  it('is tried again where the disk is to blame', async () => {
    await expect(throwing('disk_full').carry(job)).rejects.toThrow();
  });
});
