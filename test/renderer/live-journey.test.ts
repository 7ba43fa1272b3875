import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../core/api/schema.ts';
import { attemptStage } from '../../renderer/src/journey/attempt-stages.ts';
import { heldStage } from '../../renderer/src/journey/hold-stages.ts';
import { liveChange } from '../../renderer/src/live/live-change.ts';
import { attempt, deliveryDetail, event } from './delivery.ts';

const evidence = (live: NonNullable<Attempt['evidence']>['live']): NonNullable<Attempt['evidence']> => ({
  routing: [],
  changes: [],
  signatures: [],
  identity: null,
  transcript: [],
  authentication: null,
  rules: [],
  live,
});

const stageOf = (about: Partial<Attempt>) =>
  attemptStage(
    attempt(1, about),
    { message: null, exchange: null, delivery: deliveryDetail(), events: [], receipts: [], suppressions: [] },
    undefined,
  );

describe('the journey of what went out for real', () => {
  it('says so in its attempt, by which relay, and marks it', () => {
    const stage = stageOf({
      evidence: evidence({ relayId: 'r1', relay: 'main', kind: 'smtp', rewrittenFrom: null }),
    });
    expect(stage.line).toMatch(/^for real, by relay main, mx1\.example\.com: 250 2\.0\.0 OK/);
    expect(stage.real).toBe(true);
  });

  it('does not mark an attempt of the sandbox', () => {
    const stage = stageOf({ evidence: evidence(null) });
    expect(stage.line).not.toContain('real');
    expect(stage.real).toBeUndefined();
  });

  it('names live relay, and no magic address, as what holds it', () => {
    const stage = heldStage(
      event('held', {
        data: { reason: 'not on its list', heldBy: { key: 'live-not-allowed', label: 'Live relay' } },
      }),
    );
    expect(stage.evidence).toMatchObject({ kind: 'hold', heldBy: { rule: null, label: 'Live relay' } });
  });
});

describe('events of live relay', () => {
  it('tell what was entered in the log', () => {
    const change = liveChange([
      event('live_relay', { data: { kinds: ['turned_on'], by: 'cli' } }),
      event('live_relay', { data: { kinds: ['send', 'answer'], by: 'cli' } }),
    ]);
    expect([...change.liveRelay]).toEqual(['turned_on', 'send', 'answer']);
    expect(liveChange([]).liveRelay.size).toBe(0);
  });
});
