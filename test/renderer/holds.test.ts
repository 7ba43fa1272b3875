import { describe, expect, it } from 'vitest';
import { heldStage, releasedStage } from '../../renderer/src/journey/hold-stages.ts';
import { stagesOf } from '../../renderer/src/journey/stages.ts';
import { noMarks, rangeTo, stillListed, toggled } from '../../renderer/src/queue/marks.ts';
import {
  bounceHow,
  emptyBounce,
  faultsOfBounce,
  ownReply,
  picked,
} from '../../renderer/src/status/bounce-form.ts';
import { commonReplies } from '../../renderer/src/status/common-replies.ts';
import { editedOnly } from '../../renderer/src/status/edited-envelope.ts';
import { deliveryDetail, event, startMs } from './delivery.ts';

describe('marks', () => {
  const order = ['a', 'b', 'c', 'd'];
  const marked = (marks: { readonly ids: ReadonlySet<string> }) => [...marks.ids].sort();

  it('are set one by one and taken away again', () => {
    const one = toggled(toggled(noMarks, 'a'), 'c');
    expect(marked(one)).toEqual(['a', 'c']);
    expect(marked(toggled(one, 'a'))).toEqual(['c']);
  });

  it('go from the one marked last to the other, either way', () => {
    const one = toggled(noMarks, 'c');
    expect(marked(rangeTo(one, 'a', order))).toEqual(['a', 'b', 'c']);
    expect(marked(rangeTo(rangeTo(one, 'b', order), 'd', order))).toEqual(['b', 'c', 'd']);
    expect(marked(rangeTo(noMarks, 'b', order))).toEqual(['b']);
    expect(rangeTo(one, 'gone', order)).toBe(one);
  });

  it('do not stay on what left the list', () => {
    const both = toggled(toggled(noMarks, 'a'), 'b');
    expect(stillListed(both, new Set(order))).toBe(both);
    expect(stillListed(both, new Set(['a']))).toEqual({ ids: new Set(['a']), anchor: null });
  });
});

describe('a bounce', () => {
  it('has no reply unless one is picked', () => {
    expect(bounceHow({ ...emptyBounce, suppress: true })).toEqual({});
    expect(bounceHow({ ...emptyBounce, reason: ' why ' })).toEqual({ reason: 'why' });
    expect(faultsOfBounce(emptyBounce)).toEqual({});
  });

  it.each(commonReplies)('may be $label', (reply) => {
    const form = picked(emptyBounce, reply.label);
    expect(faultsOfBounce(form)).toEqual({});
    expect(bounceHow({ ...form, suppress: true })).toEqual({
      reply: { code: reply.code, enhanced: reply.enhanced, text: reply.text },
      suppress: true,
    });
  });

  it('says at the field what the core would refuse', () => {
    const own = { ...emptyBounce, pick: ownReply, code: '450', enhanced: '4.2.1', text: 'é' };
    expect(Object.keys(faultsOfBounce(own))).toEqual(['code', 'enhanced', 'text']);
    expect(bounceHow({ ...own, code: '550', enhanced: '', text: ' no ' })).toEqual({
      reply: { code: 550, text: 'no' },
    });
  });
});

describe('an envelope', () => {
  it('is edited where it was changed, and nowhere else', () => {
    const before = { from: 'a@a.example', to: 'b@b.example' };
    expect(editedOnly(before, before)).toEqual({});
    expect(editedOnly(before, { ...before, from: '' })).toEqual({ envelope: { from: '' } });
    expect(editedOnly(before, { ...before, to: 'c@c.example' })).toEqual({ envelope: { to: 'c@c.example' } });
  });
});

describe('a hold in the journey', () => {
  it('names the rule or the magic address that holds', () => {
    const byRule = { reason: 'by a rule', heldBy: { key: 'r-1', label: 'legal' } };
    expect(heldStage(event('held', { data: byRule })).evidence).toEqual({
      kind: 'hold',
      reason: 'by a rule',
      heldBy: { rule: 'r-1', label: 'legal' },
    });
    const byMagic = { reason: 'x', heldBy: { key: '+hold', label: '+hold' } };
    expect(heldStage(event('held', { data: byMagic })).evidence).toMatchObject({
      heldBy: { rule: null, label: '+hold' },
    });
    expect(heldStage(event('held', { data: { reason: 'held by hand' } })).evidence).toBeNull();
  });

  it('ends with what its envelope became, and for how long it was', () => {
    const stage = releasedStage(
      event('released', {
        virtualAt: new Date(startMs + 7_200_000).toISOString(),
        data: {
          reason: 'a slip',
          heldSinceMs: startMs,
          envelope: {
            from: { before: 'a@a.example', after: '' },
            to: { before: 'b@b.example', after: 'c@c.example' },
          },
        },
      }),
    );
    expect(stage.line).toBe('a slip, MAIL FROM the null sender, RCPT TO c@c.example');
    expect(stage.evidence).toEqual({
      kind: 'facts',
      facts: [
        ['Held for', '2 h'],
        ['MAIL FROM', 'the null sender, was a@a.example'],
        ['RCPT TO', 'c@c.example, was b@b.example'],
      ],
    });
  });

  it('is not waited for where nothing will be heard of it', () => {
    const delivery = deliveryDetail({
      status: 'sent',
      substatus: 'unconfirmed',
      reason: 'by the rule “black hole”',
    });
    const facts = {
      message: null,
      exchange: null,
      delivery,
      events: [],
      receipts: [],
      suppressions: [],
    };
    expect(stagesOf(facts).at(-1)?.line).toBe(
      'A provider took it, and nothing will be heard of it: by the rule “black hole”.',
    );
  });
});
