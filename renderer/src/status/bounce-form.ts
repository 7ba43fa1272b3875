import type { OrderHow } from '../api/deliveries.ts';
import { commonReplies } from './common-replies.ts';

/** What stands in the dialog. */
export interface BounceForm {
  /** Label of a common reply, `own`, or empty: no reply. */
  readonly pick: string;
  readonly code: string;
  readonly enhanced: string;
  readonly text: string;
  readonly reason: string;
  readonly suppress: boolean;
}

export const ownReply = 'own';
export const emptyBounce: BounceForm = {
  pick: '',
  code: '',
  enhanced: '',
  text: '',
  reason: '',
  suppress: false,
};

/** Fills in what was picked; what is typed then makes it one's own. */
export function picked(form: BounceForm, pick: string): BounceForm {
  const reply = commonReplies.find(({ label }) => label === pick);
  return reply === undefined
    ? { ...form, pick }
    : { ...form, pick, code: String(reply.code), enhanced: reply.enhanced, text: reply.text };
}

export interface BounceFaults {
  readonly code?: string;
  readonly enhanced?: string;
  readonly text?: string;
}

/** What the core would refuse, told at the field. */
export function faultsOfBounce(form: BounceForm): BounceFaults {
  if (form.pick === '') return {};
  return {
    ...(/^5\d\d$/.test(form.code.trim()) ? {} : { code: 'From 500 to 599' }),
    ...(form.enhanced.trim() === '' || /^5\.\d{1,3}\.\d{1,3}$/.test(form.enhanced.trim())
      ? {}
      : { enhanced: 'Like 5.1.1, or empty' }),
    ...(/^[ -~]+$/.test(form.text.trim()) ? {} : { text: 'One line of ASCII' }),
  };
}

export function bounceHow(form: BounceForm): OrderHow {
  const reason = form.reason.trim();
  return {
    ...(reason === '' ? {} : { reason }),
    ...(form.pick === ''
      ? {}
      : {
          reply: {
            code: Number(form.code.trim()),
            ...(form.enhanced.trim() === '' ? {} : { enhanced: form.enhanced.trim() }),
            text: form.text.trim(),
          },
          ...(form.suppress ? { suppress: true } : {}),
        }),
  };
}
