import { describe, expect, it } from 'vitest';
import { type DsnMessage, type DsnOutcome, dsnsFor, xtext } from '../../../core/delivery/dsn-policy.ts';
import { buildDsn, parseDsn } from '../../../core/reports/dsn.ts';

const message: DsnMessage = { envelopeFrom: 'b@shop.example', envelopeParameters: null, bytes: 2_000 };
const failed: DsnOutcome = {
  recipient: 'nobody@far.example',
  parameters: null,
  event: { kind: 'failed' },
  code: 550,
  enhanced: '5.1.1',
  text: '550 5.1.1 no such user',
  remoteMta: 'mx1.far.example',
  lastAttemptAtMs: 5,
};
const delayed: DsnOutcome = { ...failed, event: { kind: 'delayed', willRetryUntilMs: 9 }, enhanced: '4.4.1' };
const sent: DsnOutcome = { ...failed, event: { kind: 'sent', dsnOffered: false }, enhanced: '2.0.0' };

const kinds = (outcomes: readonly DsnOutcome[], about: Partial<DsnMessage> = {}, delayByDefault = false) =>
  dsnsFor({ ...message, ...about }, outcomes, { delayByDefault }).map(({ kind }) => kind);
const asking = (outcome: DsnOutcome, NOTIFY: string): DsnOutcome => ({ ...outcome, parameters: { NOTIFY } });

describe('which notices are owed', () => {
  it.each<[string, readonly DsnOutcome[], readonly string[]]>([
    ['a failure, to who asked for nothing', [failed], ['failure']],
    ['no delay and no success, to who asked for nothing', [delayed, sent], []],
    ['nothing with NOTIFY=NEVER', [asking(failed, 'NEVER'), asking(delayed, 'never')], []],
    ['no failure to who asked for success alone', [asking(failed, 'SUCCESS')], []],
    ['a delay to who asked for it', [asking(delayed, 'FAILURE,DELAY')], ['delay']],
    ['a success to who asked for it', [asking(sent, 'success')], ['success']],
    [
      'no success where the next hop sends its own',
      [{ ...asking(sent, 'SUCCESS'), event: { kind: 'sent', dsnOffered: true } }],
      [],
    ],
    [
      'one of each kind',
      [failed, asking(delayed, 'DELAY'), failed, asking(sent, 'SUCCESS')],
      ['failure', 'delay', 'success'],
    ],
  ])('%s', (_name, outcomes, expected) => {
    expect(kinds(outcomes)).toEqual(expected);
  });

  it('a delay by default where that is set', () => {
    expect(kinds([delayed], {}, true)).toEqual(['delay']);
    expect(kinds([asking(delayed, 'FAILURE')], {}, true)).toEqual([]);
  });

  it('none to nobody: a notice that fails is not answered', () => {
    expect(kinds([failed], { envelopeFrom: '' })).toEqual([]);
  });
});

describe('what stands in it', () => {
  it('ENVID and ORCPT come back decoded, RET is heeded', () => {
    const [dsn] = dsnsFor(
      { ...message, envelopeParameters: { mail: { ENVID: 'QQ+2B17', RET: 'hdrs' }, rcpt: [] } },
      [{ ...failed, parameters: { ORCPT: 'rfc822;jane+2Btag@far.example' } }],
      { delayByDefault: false },
    );
    expect(dsn).toMatchObject({
      originalEnvelopeId: 'QQ+17',
      return: 'headers',
      to: 'b@shop.example',
      recipients: [
        {
          finalRecipient: 'nobody@far.example',
          originalRecipient: 'rfc822;jane+tag@far.example',
          action: 'failed',
          status: '5.1.1',
          remoteMta: 'mx1.far.example',
        },
      ],
    });
  });

  it('the whole message for a failure, its header for the rest and for what is large', () => {
    const returns = (outcome: DsnOutcome, bytes = 2_000) =>
      dsnsFor({ ...message, bytes }, [outcome], { delayByDefault: true }).map((one) => one.return);
    expect(returns(failed)).toEqual(['full']);
    expect(returns(failed, 10_000_000)).toEqual(['headers']);
    expect(returns(delayed)).toEqual(['headers']);
  });

  it('is a DSN that is read again', () => {
    const [dsn] = dsnsFor(
      message,
      [failed, { ...failed, recipient: 'b@far.example', enhanced: null, text: null }],
      {
        delayByDefault: false,
      },
    );
    if (dsn === undefined) throw new Error('none was made');
    const made = buildDsn({
      ...dsn,
      reportingMta: 'out.shop.example',
      from: 'mailer-daemon@out.shop.example',
      arrivalAtMs: 0,
      original: Buffer.from('Message-ID: <1@shop.example>\r\n\r\nHello\r\n'),
      messageId: '2@out.shop.example',
      dateMs: 0,
    });
    expect(parseDsn(made)).toMatchObject({
      originalMessageId: '<1@shop.example>',
      recipients: [
        { finalRecipient: 'nobody@far.example', action: 'failed', status: '5.1.1', code: 550 },
        { finalRecipient: 'b@far.example', action: 'failed', status: '5.0.0' },
      ],
    });
  });
});

describe('xtext', () => {
  it.each([
    ['a+2Bb', 'a+b'],
    ['+3D', '='],
    ['plain', 'plain'],
    ['a+b', 'a+b'],
  ])('%s', (given, text) => {
    expect(xtext(given)).toBe(text);
  });
});
