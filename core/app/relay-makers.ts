/** Which part of the core speaks to relays of which kind; loaded at first use, for most starts never go live. */
import { assertNever } from '../model/app-error.ts';
import type { Channels } from './channels.ts';
import type { Ground } from './ground.ts';
import type { RelayMaker, RelayMakers } from './live-carriers.ts';
import type { OwnAddress } from './own-address.ts';
import type { Rooms } from './rooms.ts';

export interface RelayMakerPorts {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly channels: Channels;
  readonly address: OwnAddress;
}

export function relayMakers(ports: RelayMakerPorts): RelayMakers {
  const made = new Map<string, Promise<RelayMaker>>();

  function once(family: string, make: () => Promise<RelayMaker>): Promise<RelayMaker> {
    const known = made.get(family) ?? make();
    made.set(family, known);
    return known;
  }

  return (kind) => {
    switch (kind) {
      case 'smtp':
      case 'mx':
        return once('mail', async () => (await import('./live-mail.ts')).mailRelays(ports));
      case 'apns':
      case 'fcm':
      case 'webpush':
        return once('push', async () => (await import('./live-push.ts')).pushRelays(ports));
      case 'twilio':
      case 'vonage':
      case 'messagebird':
      case 'sinch':
      case 'infobip':
      case 'telnyx':
      case 'smpp':
        return once('sms', async () => (await import('./live-sms.ts')).smsRelays(ports));
      case 'webhook':
        return once('webhook', async () => (await import('./live-webhook.ts')).webhookRelays(ports));
      default:
        return assertNever(kind);
    }
  };
}
