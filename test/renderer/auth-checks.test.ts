import { describe, expect, it } from 'vitest';
import type { Authentication } from '../../core/api/schema.ts';
import { type Check, checksOf } from '../../renderer/src/auth/checks.ts';

const passing: Authentication = {
  client: {
    ip: '192.0.2.7',
    helo: 'mta.shop.example',
    ptr: 'mta.shop.example',
    ptrConfirmed: true,
    heloMatches: true,
    tls: true,
  },
  spf: { result: 'pass', domain: 'shop.example', record: 'v=spf1 -all', why: '', lookups: 1 },
  dkim: [
    {
      result: 'pass',
      domain: 'shop.example',
      selector: 's1',
      algorithm: 'rsa-sha256',
      aligned: true,
      why: '',
    },
  ],
  dmarc: {
    result: 'pass',
    domain: 'shop.example',
    policy: 'reject',
    record: 'v=DMARC1; p=reject',
    spfAligned: true,
    dkimAligned: true,
    disposition: 'none',
    why: '',
  },
  arc: { result: 'none', why: '' },
  header: '',
  lookups: [],
};

const check = (id: string, about: Partial<Authentication>): Check | undefined =>
  checksOf({ ...passing, ...about }).find((one) => one.id === id);

describe('the checks of a receiver', () => {
  it('need nothing done when all is well', () => {
    expect(checksOf(passing).flatMap(({ fix }) => (fix === null ? [] : [fix]))).toEqual([]);
    expect(checksOf(passing).map(({ tone }) => tone)).toEqual(['good', 'good', 'good', 'good', 'quiet']);
  });

  it('say what to publish when a record is missing', () => {
    expect(check('spf', { spf: { ...passing.spf, result: 'none', record: null } })).toMatchObject({
      tone: 'warn',
      fix: expect.stringContaining('192.0.2.7'),
      purpose: 'spf',
    });
    expect(check('dmarc', { dmarc: { ...passing.dmarc, result: 'none' } })?.fix).toContain(
      '_dmarc.shop.example',
    );
    expect(check('dkim-none', { dkim: [] })?.fix).toContain('sign');
  });

  it('tell apart what fails and what is only not aligned', () => {
    const dmarc = { ...passing.dmarc, result: 'fail', spfAligned: false, dkimAligned: false } as const;
    expect(check('dmarc', { dmarc })?.fix).toContain('of another domain than From');
    expect(check('spf', { dmarc, spf: { ...passing.spf, domain: 'esp.example' } })?.fix).toContain(
      'not the domain of From',
    );
    const failed = { ...passing.spf, result: 'fail' } as const;
    expect(check('dmarc', { dmarc, spf: failed, dkim: [] })?.fix).toContain('One of SPF and DKIM must pass');
  });

  it('doubt a sender whose name does not lead there and back', () => {
    const client = { ...passing.client, ptr: null, ptrConfirmed: false };
    expect(check('client', { client })).toMatchObject({ result: 'doubtful', tone: 'warn' });
    expect(check('client', { client })?.why).toContain('has no PTR');
  });
});
