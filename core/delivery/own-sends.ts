/**
 * Sends of our own at the providers' doors: recognised there by a secret of this run, so that one send is one message in
 * the list. The door looks up by its value what the rules want done with it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FarSideOrders } from '../rules/decision.ts';
import type { CarriedOut } from './network.ts';

export { ownSendField } from '../doors/http/own-send-field.ts';

export interface OwnSendOrders {
  readonly messageId: string;
  readonly deliveryId: string;
  /** Null: the rules want nothing done. */
  readonly orders: FarSideOrders | null;
  /** What was done of them. */
  carriedOut(done: CarriedOut): void;
}

export interface OwnSends {
  /** @returns the field's value, good until `close` */
  open(send: OwnSendOrders): { readonly value: string; close(): void };
  /** @returns null for a value that is not of a send under way, or that came from elsewhere than this machine */
  find(value: string, remoteAddress: string): OwnSendOrders | null;
}

const secretBytes = 24;

export function createOwnSends(random: (bytes: number) => Buffer = randomBytes): OwnSends {
  const secret = random(secretBytes).toString('base64url');
  const secretChars = Buffer.from(secret);
  const underWay = new Map<string, OwnSendOrders>();
  let last = 0;
  return {
    open(send) {
      const key = String(++last);
      underWay.set(key, send);
      return { value: `${secret}.${key}`, close: () => underWay.delete(key) };
    },
    find(value, remoteAddress) {
      const [given = '', key = ''] = value.split('.');
      // Compared as bytes: letters beyond ASCII have more than one, and unequal lengths would be thrown at the door.
      const bytes = Buffer.from(given);
      const same = bytes.length === secretChars.length && timingSafeEqual(bytes, secretChars);
      return same && isLoopback(remoteAddress) ? (underWay.get(key) ?? null) : null;
    },
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
