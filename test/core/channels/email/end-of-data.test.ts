import { describe, expect, it } from 'vitest';
import { tryKeysOf, withWhatIsAsked } from '../../../../core/channels/email/end-of-data.ts';
import { deskWorld } from '../../rules/desk-world.ts';

describe('what is read of a message for the rules of a door', () => {
  it('is what they ask for any of its recipients, not for the first alone', async () => {
    const { desk } = deskWorld([
      {
        id: 'bobs',
        stage: 'door',
        when: { recipient: 'bob@b.example', provider: 'default', body: 'secret' },
        then: { do: 'hold' },
      },
    ]);
    const facts = await withWhatIsAsked(
      {
        channel: 'email',
        door: 'smtp',
        sender: 'app@example.com',
        recipient: 'ann@gmail.com',
        provider: 'gmail',
      },
      'Subject: x\r\n',
      { spooled: [], tail: Buffer.from('Subject: x\r\n\r\nsecret\r\n') },
      { desk, contentOf: async () => ({ text: 'secret', attachments: [] }), onProblem: () => undefined },
    );
    expect(facts.recipient).toBe('ann@gmail.com');
    const bobs = { ...facts, recipient: 'bob@b.example', provider: 'default' };
    expect(desk.decide('door', 'accepted', bobs)).toMatchObject([{ action: { do: 'hold' } }]);
  });
});

describe('the tries of a message that was taken', () => {
  it('are known by what each moment of a door counts them by', () => {
    const keys = [...tryKeysOf('a@x', ['b@y', 'c@y'], () => 'Message-ID: <1>\r\n')];
    expect(keys).toEqual(['a@x\0b@y', 'a@x\0c@y', 'a@x\0b@y\0c@y', 'a@x\0b@y\0c@y\0<1>']);
  });
});
