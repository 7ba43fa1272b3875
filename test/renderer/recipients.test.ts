import { describe, expect, it } from 'vitest';
import { recipients } from '../../renderer/src/message/recipients.ts';

const address = (value: string, name = '') => ({ name, address: value });

describe('recipients', () => {
  it('marks who only the envelope names, and who only a header names', () => {
    const found = recipients({
      to: [address('Jane@example.com', 'Jane')],
      cc: [address('unsent@example.com')],
      bcc: [],
      envelope: { from: 'app@example.com', to: ['jane@example.com', 'hidden@example.com'] },
    });
    expect(found).toEqual([
      { address: 'Jane@example.com', name: 'Jane', namedIn: ['to'], inEnvelope: true },
      { address: 'unsent@example.com', name: '', namedIn: ['cc'], inEnvelope: false },
      { address: 'hidden@example.com', name: '', namedIn: [], inEnvelope: true },
    ]);
  });

  it('names an address once, with every field that has it', () => {
    const found = recipients({
      to: [address('a@x.test')],
      cc: [address('a@x.test', 'A')],
      bcc: [],
      envelope: { from: '', to: ['a@x.test'] },
    });
    expect(found).toEqual([{ address: 'a@x.test', name: 'A', namedIn: ['to', 'cc'], inEnvelope: true }]);
  });
  it('takes the headers at their word when there is no envelope, as in a file', () => {
    const found = recipients({ to: [address('a@x.test')], cc: [], bcc: [], envelope: { from: '', to: [] } });
    expect(found[0]?.inEnvelope).toBe(true);
  });
});
