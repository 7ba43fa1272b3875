/** What authentication and reputation say about a message, as reasons of the filter. Pure. */
import type { Authentication, FilterReason } from '../model/authentication.ts';
import type { Stream } from '../model/delivery.ts';
import { type Standing, standing } from './reputation.ts';

export function judgeAuthentication(found: Authentication): readonly FilterReason[] {
  const { spf, dkim, dmarc, client, arc } = found;
  const signed = dkim.some((one) => one.result === 'pass');
  return [
    spf.result === 'fail' ? reason('spf_fail', 1.5, spf.why) : null,
    spf.result === 'softfail' ? reason('spf_softfail', 0.8, spf.why) : null,
    spf.result === 'none' || spf.result === 'neutral' ? reason('spf_none', 0.6, spf.why) : null,
    spf.result === 'permerror' ? reason('spf_permerror', 1, spf.why) : null,
    dkim.length === 0 ? reason('dkim_none', 0.8, 'The message is not signed.') : null,
    dkim.length > 0 && !signed ? reason('dkim_fail', 1.2, dkim[0]?.why ?? 'No signature passed.') : null,
    dmarc.result === 'fail' && dmarc.disposition === 'none' ? reason('dmarc_fail', 1, dmarc.why) : null,
    dmarc.result === 'fail' && dmarc.disposition !== 'none' ? reason('dmarc_policy', 6, dmarc.why) : null,
    dmarc.result === 'none' ? reason('dmarc_none', 0.3, dmarc.why) : null,
    dmarc.result === 'pass' ? reason('dmarc_pass', -0.5, dmarc.why) : null,
    client.ptr === null
      ? reason('no_ptr', 2, `${client.ip} has no name in the DNS (PTR).`)
      : client.ptrConfirmed
        ? null
        : reason(
            'ptr_unconfirmed',
            1.2,
            `${client.ip} calls itself ${client.ptr}, but that name does not lead back to it.`,
          ),
    client.heloMatches
      ? null
      : reason('helo_mismatch', 0.7, `HELO says ${client.helo}, which does not lead to ${client.ip}.`),
    arc.result === 'fail' ? reason('arc_fail', 0.3, arc.why) : null,
  ].filter((one) => one !== null);
}

function reason(code: string, points: number, detail: string): FilterReason {
  return { code, points, detail, stage: 'authentication' };
}

export interface Scores {
  readonly domain: number;
  readonly ip: number;
  readonly stream: number;
  /** Taken off the address's score for its neighbours. */
  readonly drag: number;
  readonly complaintRate: number | null;
}

export function judgeReputation(
  scores: Scores,
  names: { readonly domain: string; readonly ip: string; readonly stream: Stream },
  complaintRateWarned: number,
): readonly FilterReason[] {
  const neighbours =
    scores.drag > 0 ? ` Neighbours on the shared address cost it ${scores.drag} points.` : '';
  return [
    points('domain_reputation', scores.domain, `The domain ${names.domain}`, 1),
    points('stream_reputation', scores.stream, `The ${names.stream} stream of ${names.domain}`, 0.6),
    points('ip_reputation', scores.ip, `The address ${names.ip}`, 0.8, neighbours),
    scores.complaintRate !== null && scores.complaintRate >= complaintRateWarned
      ? ({
          code: 'complaint_rate',
          points: 1.5,
          detail: `Recipients report ${percent(scores.complaintRate)} of the messages as spam; ${percent(complaintRateWarned)} is the limit.`,
          stage: 'reputation',
        } as const)
      : null,
  ].filter((one) => one !== null);
}

const byStanding: Readonly<Record<Standing, number>> = { bad: 5, low: 2.2, medium: 0, high: -1 };

function points(code: string, score: number, who: string, weight: number, more = ''): FilterReason | null {
  const word = standing(score);
  const value = Math.round(byStanding[word] * weight * 10) / 10;
  return value === 0
    ? null
    : {
        code,
        points: value,
        detail: `${who} has a ${word} reputation here (${score} of 100).${more}`,
        stage: 'reputation',
      };
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
