import type { SendingDomain } from '../../../core/api/schema.ts';

export type Inbound = SendingDomain['inbound'];

const portMax = 65_535;

/** What the fields say. @returns null while it is not complete */
export function inboundOf(kind: Inbound['kind'], host: string, port: string, url: string): Inbound | null {
  switch (kind) {
    case 'mailbox':
      return { kind };
    case 'smtp': {
      const number = Number(port);
      const valid = host.trim() !== '' && Number.isInteger(number) && number >= 1 && number <= portMax;
      return valid ? { kind, host: host.trim(), port: number } : null;
    }
    case 'webhook':
      return /^https?:\/\/./.test(url.trim()) ? { kind, url: url.trim() } : null;
  }
}
