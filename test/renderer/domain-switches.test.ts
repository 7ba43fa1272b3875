import { describe, expect, it } from 'vitest';
import { checkResults } from '../../core/dns/check-records.ts';
import { purposes } from '../../core/dns/records.ts';
import { recipientFaults } from '../../core/dns/zone-state.ts';
import { domainFaults } from '../../core/model/sending-domain.ts';
import { inboundOf } from '../../renderer/src/domains/inbound-route.ts';
import {
  purposeNames,
  purposeOrder,
  recipientFaultNames,
  switches,
  switchGroups,
  verdicts,
} from '../../renderer/src/domains/switches.ts';

const sorted = (texts: readonly string[]): readonly string[] => texts.toSorted((a, b) => (a < b ? -1 : 1));

describe('the room Domains', () => {
  it('has a switch for everything that can be broken, each with its consequence', () => {
    expect(sorted(Object.keys(switches))).toEqual(sorted(domainFaults));
    for (const { group, label, consequence } of Object.values(switches)) {
      expect(switchGroups).toContain(group);
      expect(label).not.toBe('');
      expect(consequence).toMatch(/\.$/);
    }
  });

  it('has a word for every verdict, purpose and fault', () => {
    expect(sorted(Object.keys(verdicts))).toEqual(sorted(checkResults));
    expect(sorted(Object.keys(purposeNames))).toEqual(sorted(purposes));
    expect(sorted(purposeOrder)).toEqual(sorted(purposes));
    expect(sorted(Object.keys(recipientFaultNames))).toEqual(sorted(recipientFaults));
  });
});

describe('an inbound route', () => {
  it('is complete before it can be saved', () => {
    expect(inboundOf('mailbox', '', '', '')).toEqual({ kind: 'mailbox' });
    expect(inboundOf('smtp', ' 127.0.0.1 ', '2500', '')).toEqual({
      kind: 'smtp',
      host: '127.0.0.1',
      port: 2500,
    });
    for (const port of ['', '0', '65536', 'x', '1.5'])
      expect(inboundOf('smtp', 'localhost', port, '')).toBeNull();
    expect(inboundOf('smtp', '  ', '25', '')).toBeNull();
    expect(inboundOf('webhook', '', '', ' http://127.0.0.1/x ')).toEqual({
      kind: 'webhook',
      url: 'http://127.0.0.1/x',
    });
    for (const url of ['', 'ftp://x', 'http://']) expect(inboundOf('webhook', '', '', url)).toBeNull();
  });
});
