/** How an order to deliveries is to be done: the parts of its body that one delivery and many share. */
import { z } from '@hono/zod-openapi';
import { faultOfAddress } from '../../channels/email/validate-submission.ts';
import type { OrderDetails, QueueAction } from '../../delivery/queue.ts';
import { AppError, type FieldError } from '../../model/app-error.ts';

export const reasonCharsMax = 500;
const replyCharsMax = 500;
const addressCharsMax = 1_000;

const reasonField = { reason: z.string().trim().max(reasonCharsMax).optional() };

const replySchema = z
  .object({
    code: z.int().min(500).max(599),
    enhanced: z
      .string()
      .regex(/^5\.\d{1,3}\.\d{1,3}$/, 'an enhanced code here looks like 5.1.1')
      .optional(),
    text: z
      .string()
      .trim()
      .min(1)
      .max(replyCharsMax)
      .regex(/^[ -~]*$/, 'a reply is one line of ASCII'),
  })
  .openapi({ description: 'what it comes back with, as if a far side had said it' });

/** What a body may say beside the reason, by action. */
export const detailFields = {
  hold: reasonField,
  release: reasonField,
  retry: reasonField,
  cancel: reasonField,
  bounce: {
    ...reasonField,
    reply: replySchema.optional(),
    suppress: z
      .boolean()
      .optional()
      .openapi({ description: 'with `reply`: suppress the address as that reply would' }),
  },
} as const satisfies Record<QueueAction, z.ZodRawShape>;

/** An envelope is edited one by one. */
export const detailFieldsOfOne = {
  ...detailFields,
  release: {
    ...reasonField,
    envelope: z
      .object({
        from: z
          .string()
          .trim()
          .max(addressCharsMax)
          .optional()
          .openapi({ description: 'empty: the null sender' }),
        to: z.string().trim().max(addressCharsMax).optional(),
      })
      .optional()
      .openapi({ description: 'release it with another MAIL FROM or recipient; the header stays as it is' }),
  },
} as const satisfies Record<QueueAction, z.ZodRawShape>;

interface GivenDetails {
  readonly reason?: string | undefined;
  readonly envelope?: { readonly from?: string | undefined; readonly to?: string | undefined } | undefined;
  readonly reply?:
    | { readonly code: number; readonly enhanced?: string | undefined; readonly text: string }
    | undefined;
  readonly suppress?: boolean | undefined;
}

/** @throws AppError `bad_request` naming the fields at fault */
export function toOrderDetails(given: GivenDetails): OrderDetails {
  const { envelope, reply, suppress } = given;
  if (suppress === true && reply === undefined)
    throw new AppError(
      'bad_request',
      'suppress: say with which reply; that decides whether an address is dead.',
    );
  const errors = envelope === undefined ? [] : faultsOf(envelope);
  if (errors.length > 0)
    throw new AppError('bad_request', errors.map(({ field, detail }) => `${field}: ${detail}`).join(' '), {
      errors,
    });
  return {
    reason: given.reason === undefined || given.reason === '' ? null : given.reason,
    ...(envelope === undefined ? {} : { envelope: edited(envelope) }),
    ...(reply === undefined
      ? {}
      : { reply: { code: reply.code, enhanced: reply.enhanced ?? null, text: reply.text } }),
    ...(suppress === undefined ? {} : { suppress }),
  };
}

function edited({ from, to }: NonNullable<GivenDetails['envelope']>): NonNullable<OrderDetails['envelope']> {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function faultsOf({ from, to }: NonNullable<GivenDetails['envelope']>): readonly FieldError[] {
  const named = [
    // RFC 5321 §4.5.5: nothing between the brackets is the null reverse-path.
    ...(from === undefined || from === '' ? [] : [['envelope.from', from] as const]),
    ...(to === undefined ? [] : [['envelope.to', to] as const]),
  ];
  return named.flatMap(([field, address]) => {
    const fault = faultOfAddress(address);
    return fault === null ? [] : [{ field, ...fault }];
  });
}
