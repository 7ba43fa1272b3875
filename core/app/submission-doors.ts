/** Wires the SMTP doors that apps hand mail over to. */
import { openSmtpDoors, type SmtpDoorKey, type SmtpDoors } from '../channels/email/index.ts';
import type { Certificate } from '../doors/tls/make-certificates.ts';
import { AppError } from '../model/app-error.ts';
import type { Ground } from './ground.ts';
import type { Mail } from './mail.ts';
import type { RuleRoom } from './rules.ts';

export interface SubmissionDoorsPorts
  extends Pick<Ground, 'config' | 'store' | 'intake' | 'clock' | 'newId'> {
  readonly certificate: Certificate;
  readonly mail: Pick<Mail, 'plan'>;
  readonly rules: RuleRoom['doors'];
  readonly onProblem: (text: string) => void;
}

/** @throws AppError `port_taken`, `bad_configuration` */
export function openSubmissionDoors(ports: SubmissionDoorsPorts): Promise<SmtpDoors> {
  const { config, store, intake, clock, newId, mail, rules, onProblem } = ports;
  return openSmtpDoors(
    {
      hosts: config.host,
      ports: openPorts({
        smtp: config.smtpPort,
        submission: config.submissionPort,
        smtps: config.smtpsPort,
      }),
      starttlsOnPlain: config.smtpStarttls,
      auth: config.smtpAuth,
      credentials: credentialsOf(config.smtpCredentials),
      hostname: config.hostname,
      messageBytesMax: config.messageBytesMax,
      recipientsMax: config.recipientsMax,
      connectionsMax: config.connectionsMax,
      idleMsMax: config.idleMsMax,
      certificate: ports.certificate,
    },
    {
      store,
      intake,
      clock,
      newId,
      plan: (received) => mail.plan(received),
      rules,
      onProblem,
    },
  );
}

function openPorts(
  ports: Readonly<Record<SmtpDoorKey, number | 'off'>>,
): Partial<Record<SmtpDoorKey, number>> {
  const open: Partial<Record<SmtpDoorKey, number>> = {};
  for (const door of ['smtp', 'submission', 'smtps'] as const) {
    const port = ports[door];
    if (port !== 'off') open[door] = port;
  }
  return open;
}

function credentialsOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const colon = pair.indexOf(':');
      if (colon < 1) throw new AppError('bad_configuration', '--smtp-credentials takes USER:PASSWORD');
      return [pair.slice(0, colon), pair.slice(colon + 1)];
    }),
  );
}
