/**
 * Act of the carriers: the delivery of a message that an app brought was ended by hand while they had something to do with it
 * yet. Kept in the transaction that ended it.
 */
export const endedByHandAct = 'sms_ended_by_hand';

export interface EndedByHand {
  readonly smsId: string;
  readonly state: 'canceled' | 'undelivered';
  readonly reason: string | null;
}
