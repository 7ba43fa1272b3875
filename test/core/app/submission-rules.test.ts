import { describe, expect, it } from 'vitest';
import {
  judgeSubmission,
  type SubmissionRulesPorts,
  submissionTaken,
} from '../../../core/app/submission-rules.ts';
import { AppError, DeferredError } from '../../../core/model/app-error.ts';
import type { RuleDesk } from '../../../core/rules/decision.ts';
import type { Action } from '../../../core/rules/schema.ts';
import { type FakeClock, fakeClock } from '../../fake-clock.ts';
import { scriptedDesk } from '../channels/email/door-world.ts';
import { deskWorld } from '../rules/desk-world.ts';

const recipients = ['jane@gmail.com', 'joe@bad.example'];
const virtualNowMs = Date.UTC(2026, 0, 31, 12);

const blockOf = (id: string): string => `Message-ID: <${id}@example.com>\r\nSubject: x\r\n`;

function judge(
  desk: RuleDesk,
  about: { readonly clock?: FakeClock; readonly gone?: AbortSignal; readonly id?: string } = {},
): ReturnType<typeof judgeSubmission> {
  const { gone } = about;
  const ports: SubmissionRulesPorts = {
    desk,
    clock: about.clock ?? fakeClock(),
    virtualNowMs: () => virtualNowMs,
    hostname: 'mx.test',
    messageBytesMax: 1_000,
    providerOf: () => 'default',
    contentOf: () => Promise.resolve({ text: 'body', attachments: [] }),
    onProblem: () => undefined,
  };
  return judgeSubmission(
    {
      id: 'message-1',
      from: 'app@example.com',
      recipients,
      headerBlock: blockOf(about.id ?? '1'),
      bytes: Buffer.from('Message-ID: <1@example.com>\r\nSubject: x\r\n\r\nbody\r\n'),
      tags: ['one'],
      fieldOf: (recipient) => `to[${recipients.indexOf(recipient)}]`,
      gone: gone === undefined ? null : () => gone,
    },
    ports,
  );
}

const bad = ({ recipient }: { readonly recipient?: string }): boolean => recipient === 'joe@bad.example';
const refusal = async (judged: ReturnType<typeof judgeSubmission>): Promise<AppError> => {
  try {
    await judged;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was taken');
};

describe('the send API and rules', () => {
  it('is not held up where no rule has a say', () => {
    expect(judge(scriptedDesk({ point: 'connect', action: { do: 'disconnect', at: 'connect' } }))).toBe(null);
  });

  it.each(['rcpt', 'endOfData'] as const)(
    'puts a request off at %s as often as it is told, and the next like it again',
    async (point) => {
      const then = { do: 'defer', code: 451, text: 'Later', times: 2, at: point } as const;
      const { desk } = deskWorld([{ stage: 'door', when: { recipient: 'joe@bad.example' }, then }]);
      const taken: boolean[] = [];
      for (const id of ['1', '2', '3', '4', '5', '6']) {
        const is = await Promise.resolve(judge(desk, { id })).then(
          () => true,
          () => false,
        );
        taken.push(is);
        if (is) submissionTaken({ from: 'app@example.com', recipients, headerBlock: blockOf(id) }, { desk });
      }
      expect(taken).toEqual([false, false, true, false, false, true]);
    },
  );

  it.each(['rcpt', 'endOfData'] as const)(
    'refuses the whole request at %s and names the field',
    async (point) => {
      const action: Action = { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No {recipient}' };
      const error = await refusal(judge(scriptedDesk({ point, action, when: bad })));
      expect(error.code).toBe('rejected_by_rule');
      expect(error.errors).toEqual([
        {
          field: 'to[1]',
          code: 'rejected_by_rule',
          detail: '550 5.1.1 No joe@bad.example (by the rule “test”; nothing was sent)',
        },
      ]);
    },
  );

  it('refuses a sender at MAIL', async () => {
    const action: Action = { do: 'reject', code: 550, text: 'No {sender}' };
    const error = await refusal(judge(scriptedDesk({ point: 'mail', action })));
    expect(error.errors).toMatchObject([{ field: 'from', detail: expect.stringContaining('550 No app@') }]);
  });

  it('puts off, and says until when where the rule does', async () => {
    const action: Action = { do: 'defer', code: 451, text: 'Later', until: '2026-01-31T12:02:00Z' };
    const error = await refusal(judge(scriptedDesk({ point: 'rcpt', action })));
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({ code: 'deferred_by_rule', retryAfterS: 120 });
    const { until: _, ...without } = action;
    expect(await refusal(judge(scriptedDesk({ point: 'rcpt', action: without })))).toMatchObject({
      retryAfterS: null,
    });
  });

  it('answers late', async () => {
    const clock = fakeClock();
    const judged = judge(scriptedDesk({ point: 'endOfData', action: { do: 'delay', ms: 500 } }), { clock });
    while (clock.waiting === 0) await Promise.resolve();
    clock.advance(500);
    expect((await judged)?.size).toBe(0);
  });

  it('takes nothing of a client that left meanwhile', async () => {
    const clock = fakeClock();
    const leaving = new AbortController();
    const judged = judge(scriptedDesk({ point: 'rcpt', action: { do: 'delay', ms: 500 } }), {
      clock,
      gone: leaving.signal,
    });
    const leave = (): void => leaving.abort();
    leave();
    expect((await refusal(judged)).message).toContain('went away');
    expect(clock.waiting).toBe(0);
  });

  it('passes on what is ordered for each recipient, and tells the rules what is known', async () => {
    const desk = scriptedDesk({ point: 'accepted', action: { do: 'hold' }, when: bad });
    const orders = await judge(desk);
    expect([...(orders ?? new Map()).keys()]).toEqual(['joe@bad.example']);
    expect(desk.asked[0]?.facts).toMatchObject({
      channel: 'email',
      door: 'api',
      sender: 'app@example.com',
      recipient: 'jane@gmail.com',
      messageId: 'message-1',
      tags: ['one'],
      tryKey: 'app@example.com\0jane@gmail.com\0joe@bad.example\0x',
    });
  });

  it('asks once for recipients that end alike', async () => {
    const desk = scriptedDesk({ point: 'endOfData', action: { do: 'delay', ms: 1 }, when: () => false });
    await judge(desk);
    expect(desk.asked).toHaveLength(1);
  });
});
