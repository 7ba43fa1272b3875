import { describe, expect, it } from 'vitest';
import { base } from './cases.ts';
import { deskWorld } from './desk-world.ts';

const reject = { do: 'reject', code: 550, text: 'No' } as const;

describe('the desk', () => {
  it('lets the first rule that is met answer', () => {
    const { desk, hits } = deskWorld([
      { id: 'off', stage: 'door', enabled: false, then: reject },
      { id: 'other', stage: 'door', when: { recipient: 'bob@gmail.com' }, then: reject },
      {
        id: 'first',
        stage: 'door',
        when: { domain: 'gmail.com' },
        then: { do: 'defer', code: 451, text: 'Later' },
      },
      { id: 'second', stage: 'door', then: { ...reject, at: 'rcpt' } },
    ]);
    expect(desk.decide('door', 'rcpt', base).map(({ cause }) => cause.ruleId)).toEqual(['first']);
    expect(hits.map(({ cause }) => cause)).toEqual(['first']);
    expect(desk.standingOf('second')?.counts.matches).toBe(0);
  });

  it('lets rules that do not get in each other’s way act together', () => {
    const { desk } = deskWorld([
      { id: 'spam', stage: 'farSide', then: { do: 'place', in: 'spam' } },
      { id: 'inbox', stage: 'farSide', then: { do: 'place', in: 'inbox' } },
      { id: 'complain', stage: 'farSide', then: { do: 'complain' } },
      { id: 'slow', stage: 'farSide', then: { do: 'slow', bytesPerSecond: 1_000 } },
    ]);
    const { connection, after, answer } = desk.orders(base);
    expect(connection.map(({ cause }) => cause.ruleId)).toEqual(['slow']);
    expect(after.map(({ cause }) => cause.ruleId)).toEqual(['complain', 'spam']);
    expect(answer).toBeNull();
  });

  it('says nothing of what comes after a refusal', () => {
    const { desk } = deskWorld([
      { id: 'spam', stage: 'farSide', then: { do: 'place', in: 'spam' } },
      { id: 'no', stage: 'farSide', then: reject },
    ]);
    expect(desk.orders(base)).toMatchObject({ answer: { cause: { ruleId: 'no' } }, after: [] });
  });

  it('defers each message a number of times of its own', () => {
    const { desk } = deskWorld([
      { id: 'twice', stage: 'farSide', then: { do: 'defer', code: 451, text: 'Later', times: 2 } },
    ]);
    const tries = ['a', 'b', 'a', 'a', 'b', 'b'].map(
      (tryKey) => desk.orders({ ...base, tryKey }).answer !== null,
    );
    expect(tries).toEqual([true, true, true, false, true, false]);
  });

  it('counts the tries of a rule apart from those of another that had its id before', () => {
    const twice = {
      id: 'a',
      stage: 'door',
      then: { do: 'defer', code: 451, text: 'Later', times: 1 },
    } as const;
    const world = deskWorld([twice]);
    const ask = (): number => world.desk.decide('door', 'rcpt', base).length;
    expect([ask(), ask()]).toEqual([1, 0]);
    world.set([twice]);
    expect(ask()).toBe(0);
    world.set([]);
    world.set([twice]);
    expect([ask(), ask()]).toEqual([1, 0]);
  });

  it('tells recipients apart whose magic addresses end a transaction otherwise', () => {
    const { desk, set } = deskWorld();
    const key = (recipient: string): string => desk.endKey('farSide', { ...base, recipient });
    expect(key('jane+disconnect-data@gmail.com')).not.toBe(key('bob@gmail.com'));
    expect(key('jane+disconnect-dot@gmail.com')).toBe(key('bob+disconnect-dot@gmail.com'));
    expect(key('jane+disconnect-rcpt@gmail.com')).toBe(key('bob@gmail.com'));
    expect(key('jane+spam@gmail.com')).toBe(key('bob@gmail.com'));
    set([], { magic: false });
    expect(key('jane+disconnect-data@gmail.com')).toBe(key('bob@gmail.com'));
  });

  it('hits with nothing that would not be done: beside an answer at the connection too', () => {
    const { desk, hits } = deskWorld([
      { id: 'no', stage: 'farSide', then: { ...reject, at: 'connect' } },
      { id: 'slow', stage: 'farSide', then: { do: 'slow', bytesPerSecond: 1_000 } },
    ]);
    const { connection } = desk.orders(base);
    expect(new Set(connection.map(({ cause }) => cause.ruleId))).toEqual(
      new Set(hits.map(({ cause }) => cause)),
    );
  });

  it('puts the next message off again when one was taken', () => {
    const { desk } = deskWorld();
    const facts = { ...base, recipient: 'jane+tempfail-451-x2@gmail.com', tryKey: 'a\0jane' };
    const ask = (): number => desk.decide('door', 'rcpt', facts).length;
    expect([ask(), ask(), ask(), ask()]).toEqual([1, 1, 0, 0]);
    desk.taken(['other']);
    expect(ask()).toBe(0);
    desk.taken(['a\0jane']);
    expect([ask(), ask(), ask()]).toEqual([1, 1, 0]);
  });

  it('holds nothing again that was released from the same hold', () => {
    const { desk } = deskWorld([{ id: 'stop', stage: 'farSide', then: { do: 'hold' } }]);
    expect(desk.orders(base).hold?.cause.ruleId).toBe('stop');
    expect(desk.orders({ ...base, releasedFrom: ['other', 'stop'] }).hold).toBeNull();
    expect(desk.orders({ ...base, releasedFrom: ['another'] }).hold).not.toBeNull();
  });

  it('keeps what a rule has counted when the set is replaced and the rule stays as it is', () => {
    const world = deskWorld([{ id: 'a', stage: 'door', when: { nth: 3 }, then: reject }]);
    const ask = (): number => world.desk.decide('door', 'rcpt', base).length;
    expect([ask(), ask()]).toEqual([0, 0]);
    world.set([
      { id: 'b', stage: 'door', when: { recipient: 'nobody@x.example' }, then: reject },
      { id: 'a', stage: 'door', when: { nth: 3 }, then: reject },
    ]);
    expect(ask()).toBe(1);
    world.set([{ id: 'a', stage: 'door', when: { nth: 2 }, then: reject }]);
    expect([ask(), ask()]).toEqual([0, 1]);
  });

  it('draws the same luck again when it starts over', () => {
    const world = deskWorld([{ id: 'a', stage: 'door', when: { probability: 0.4 }, then: reject }]);
    const draw = (): boolean[] =>
      Array.from({ length: 40 }, () => world.desk.decide('door', 'rcpt', base).length > 0);
    const first = draw();
    world.desk.startOver();
    expect(draw()).toEqual(first);
    expect(first.filter(Boolean).length).toBeGreaterThan(5);
    expect(first.filter((one) => !one).length).toBeGreaterThan(5);
    world.set([{ id: 'a', stage: 'door', when: { probability: 0.4 }, then: reject }], { seed: 8 });
    expect(draw()).not.toEqual(first);
  });

  it('lets a rate through up to its limit, within the window', () => {
    const world = deskWorld([
      { id: 'a', stage: 'door', when: { rate: { moreThan: 10, perMs: 60_000 } }, then: reject },
    ]);
    const many = (count: number): number =>
      Array.from({ length: count }, () => world.desk.decide('door', 'rcpt', base).length).reduce(
        (a, b) => a + b,
        0,
      );
    expect(many(10)).toBe(0);
    expect(many(5)).toBe(5);
    world.pass(59_999);
    expect(many(1)).toBe(1);
    world.pass(60_001);
    expect(many(10)).toBe(0);
    expect(many(1)).toBe(1);
  });

  it('tells recipients apart that end differently at the end of DATA', () => {
    const { desk } = deskWorld([
      { id: 'j', stage: 'door', when: { recipient: 'jane@gmail.com', subject: 'x' }, then: reject },
      { id: 'g', stage: 'door', when: { provider: 'gmail', size: { bytesMin: 1 } }, then: reject },
      { id: 'all', stage: 'door', when: { subject: 'y' }, then: reject },
      { id: 'held', stage: 'door', when: { recipient: 'amy@gmail.com' }, then: { do: 'hold' } },
    ]);
    const key = (recipient: string, provider: string): string =>
      desk.endKey('door', { ...base, recipient, provider });
    expect(key('jane@gmail.com', 'gmail')).not.toBe(key('bob@gmail.com', 'gmail'));
    expect(key('amy@gmail.com', 'gmail')).toBe(key('bob@gmail.com', 'gmail'));
    expect(key('bob@yahoo.com', 'yahoo')).toBe('');
  });

  it('asks for the content only where a rule may want it', () => {
    const { desk } = deskWorld([
      { id: 'c', stage: 'door', when: { domain: 'gmail.com', body: 'secret' }, then: reject },
    ]);
    expect(desk.needs('door', { channel: 'email', door: 'smtp', recipient: 'a@gmail.com' }).content).toBe(
      true,
    );
    expect(desk.needs('door', { channel: 'email', door: 'smtp', recipient: 'a@yahoo.com' }).content).toBe(
      false,
    );
    expect(desk.needs('farSide', base).content).toBe(false);
  });

  it('does at the far side what the door ordered, before what its own rules say', () => {
    const { desk } = deskWorld([
      { id: 'spam', stage: 'farSide', then: { do: 'place', in: 'spam' } },
      { id: 'reply', stage: 'farSide', then: { do: 'autoReply' } },
    ]);
    const ordered = [
      {
        cause: { ruleId: 'door', label: 'door' },
        action: { do: 'place', in: 'promotions' },
        point: 'accepted',
        chance: 0,
      },
    ] as const;
    const { after } = desk.orders({ ...base, ordered });
    expect(after.map(({ cause }) => cause.ruleId)).toEqual(['door', 'reply']);
  });

  it('reads encoded and raw subjects', () => {
    const { desk } = deskWorld([{ id: 'a', stage: 'door', when: { subject: 'grüße' }, then: reject }]);
    const ask = (headers: string): number => desk.decide('door', 'endOfData', { ...base, headers }).length;
    expect(ask('Subject: =?utf-8?Q?Sch=C3=B6ne_Gr=C3=BC=C3=9Fe?=\r\n')).toBe(1);
    expect(ask(`Subject: ${Buffer.from('Schöne Grüße').toString('latin1')}\r\n`)).toBe(1);
    expect(ask('Subject: hello\r\n Gr=C3=BC\r\n')).toBe(0);
  });
});
