import { describe, expect, it } from 'vitest';
import { orderedFor, orderedOf } from '../../../../core/channels/email/ordered.ts';
import { noDetails, packDetails, unpackDetails } from '../../../../core/model/message-details.ts';

const decision = {
  cause: { ruleId: 'rule-1', label: 'to spam' },
  action: { do: 'place', in: 'spam' },
  point: 'accepted',
  chance: 0.5,
} as const;

describe('orders for the far side', () => {
  it('come back from the details as they went in', () => {
    const ordered = [
      { recipient: 'a@example.com', decisions: [decision] },
      { recipient: null, decisions: [decision] },
    ];
    const details = unpackDetails(packDetails({ ...noDetails, ordered }));
    expect(orderedOf(details)).toEqual(ordered);
    expect(orderedFor(details, 'a@example.com')).toHaveLength(2);
    expect(orderedFor(details, 'b@example.com')).toHaveLength(1);
  });

  it('are none where nothing was ordered, or nothing that is known here', () => {
    expect(orderedOf(null)).toEqual([]);
    expect(orderedOf(noDetails)).toEqual([]);
    const odd = { ...decision, action: { do: 'explode' } };
    expect(orderedOf({ ...noDetails, ordered: [{ recipient: null, decisions: [odd] }] })).toEqual([]);
  });
});
