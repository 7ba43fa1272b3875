/** How a fault compounds: computed from facts, and read from a core. */
import { describe, expect, it } from 'vitest';
import { domainStanding, type RecentCopy, type StandingFacts } from '../../../core/api/domain-standing.ts';
import type { DomainStanding } from '../../../core/api/standing-schema.ts';
import { startCore } from '../../start-core.ts';

const nothing: StandingFacts = {
  domain: 'shop.example',
  ip: '192.0.2.1',
  checks: [{ purpose: 'spf', name: 'shop.example', result: 'ok', note: null }],
  reputations: [],
  copies: [],
  refused: [],
};
const copy = (change: Partial<RecentCopy> = {}): RecentCopy => ({
  id: 'copy-1',
  mailbox: 'jane@gmail.com',
  placement: 'inbox',
  spf: 'pass',
  dkim: 'pass',
  dmarc: 'pass',
  why: { spf: 'spf why', dkim: 'dkim why', dmarc: 'dmarc why' },
  reasons: [],
  ...change,
});
const stageOf = (facts: Partial<StandingFacts>, name: string) => {
  const found = domainStanding({ ...nothing, ...facts }).stages.find((one) => one.stage === name);
  if (found === undefined) throw new Error(`no stage ${name}`);
  return found;
};

describe('how a sending domain stands', () => {
  it('harms nothing before anything was sent, in the order in which one leads to the next', () => {
    const { stages } = domainStanding(nothing);
    expect(stages.map(({ stage, harm }) => `${stage} ${harm}`)).toEqual([
      'dns 0',
      'authentication 0',
      'reputation 0',
      'filter 0',
      'engagement 0',
    ]);
  });

  it('puts the worst record first, with what to do about it', () => {
    const checks = [
      { purpose: 'helo', name: 'mta.shop.example', result: 'wrong', note: 'leads elsewhere' },
      { purpose: 'spf', name: 'shop.example', result: 'missing', note: 'there is none' },
    ] as const;
    expect(stageOf({ checks }, 'dns')).toMatchObject({
      harm: 45,
      findings: [
        { what: 'SPF missing: shop.example', detail: 'there is none' },
        { what: 'HELO wrong: mta.shop.example' },
      ],
    });
  });

  it('weighs a DMARC that fails more than one check that fails alone', () => {
    const spf = stageOf({ copies: [copy({ spf: 'none' }), copy()] }, 'authentication');
    const all = stageOf(
      { copies: [copy({ spf: 'none', dkim: 'fail', dmarc: 'fail' }), copy()] },
      'authentication',
    );
    expect(spf.findings).toMatchObject([{ what: 'SPF none on 1 of 2', detail: 'spf why' }]);
    expect(all.findings[0]?.what).toBe('DMARC fail on 1 of 2');
    expect(all.harm).toBeGreaterThan(spf.harm);
  });

  it('names the lowest score, and what took the points', () => {
    const one = { provider: 'gmail', subject: 'shop.example', standing: 'low', complaintRate: null } as const;
    const counts = { delivered: 10, complained: 2.2, bounced: 1 };
    const reputations = [
      { ...one, kind: 'domain', score: 30, drag: 0, counts },
      { ...one, kind: 'ip', subject: '192.0.2.1', score: 45, drag: 15, counts },
    ] as const;
    expect(stageOf({ reputations }, 'reputation')).toMatchObject({
      harm: 50,
      summary: 'at its lowest 30 of 100',
      findings: [
        { what: '30 of 100 for the domain at gmail', detail: 'shop.example: 2 complaints, 1 bounces.' },
        { what: '45 of 100 for the address at gmail', detail: expect.stringContaining('cost it 15 points') },
      ],
    });
  });

  it('counts the spam and the refusals, and shows a message of it', () => {
    const reasons = [
      { code: 'capitals', points: 2, detail: 'Shouting.' },
      { code: 'dmarc_pass', points: -0.5, detail: 'DMARC passes.' },
    ];
    const filter = stageOf(
      {
        copies: [copy(), copy({ id: 'copy-2', placement: 'spam', reasons })],
        refused: [{ provider: 'gmail', messages: 3 }],
      },
      'filter',
    );
    expect(filter).toMatchObject({
      harm: 60,
      summary: '1 of 2 in spam, 3 refused',
      example: { copyId: 'copy-2', mailbox: 'jane@gmail.com' },
    });
    expect(filter.findings.map(({ what }) => what)).toEqual(['3 refused at gmail', '+2 capitals on 1 of 2']);
  });

  it('judges complaints by the limits of the large providers', () => {
    const reputation = (complaintRate: number | null) => [
      {
        provider: 'gmail',
        kind: 'domain' as const,
        subject: 'shop.example',
        score: 60,
        standing: 'medium',
        drag: 0,
        complaintRate,
        counts: { delivered: 1_000, complained: 2, opened: 400 },
      },
    ];
    expect(stageOf({ reputations: reputation(0.002) }, 'engagement')).toMatchObject({
      harm: 60,
      summary: '400 of 1000 opened, 2 complained',
    });
    expect(stageOf({ reputations: reputation(0.004) }, 'engagement').harm).toBe(100);
    expect(stageOf({ reputations: reputation(null) }, 'engagement').harm).toBe(10);
  });

  it('is read from a core: a broken domain shows at every stage that it reached', async () => {
    const core = await startCore(['--deliver']);
    const call = (method: string, path: string, body: unknown) =>
      core.get(path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await call('POST', '/v1/domains', { name: 'shop.example' });
    await call('PATCH', '/v1/domains/shop.example', { faults: ['no_spf', 'dkim_off'] });
    const letter =
      'From: Shop <hello@shop.example>\r\nTo: j@a.example\r\nSubject: Hello\r\n\r\nHello Jane\r\n';
    await core.send(letter, 'hello@shop.example', ['jane@a.example']);
    await core.send(letter, 'hello@shop.example', ['jane@gmail.com']);
    await core.app.settled();
    const standing = await core.json<DomainStanding>('/v1/domains/shop.example/standing');
    const [dns, authentication, , filter] = standing.stages;
    expect(standing.copies).toBe(1);
    expect(dns?.findings.map(({ what }) => what)).toContain('SPF missing: shop.example');
    expect(authentication?.findings[0]?.what).toMatch(/^DMARC fail on 1 of 1$/);
    expect(filter?.findings.map(({ what }) => what)).toContain('1 refused at gmail');
    expect((await core.get('/v1/domains/nobody.example/standing')).status).toBe(404);
  });
});
