/**
 * Numbers of the app's own: what it called them, and where their answers go when no service says otherwise. That a number
 * sends, and where its answers go now, the carriers know (`SmsSender`).
 */
import { z } from 'zod';
import type { SmsDoorPorts } from '../room.ts';
import { createDocuments, type Documents } from './documents.ts';

const method = z.enum(['GET', 'POST']);

const numberSchema = z.object({
  number: z.string(),
  account: z.string(),
  friendlyName: z.string(),
  smsUrl: z.string(),
  smsMethod: method,
  smsFallbackUrl: z.string(),
  smsFallbackMethod: method,
  statusCallback: z.string(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type TwilioNumber = z.infer<typeof numberSchema>;

export type NumberBook = Documents<TwilioNumber>;

export function createNumberBook(ports: SmsDoorPorts): NumberBook {
  return createDocuments('twilio_number', numberSchema, ports);
}
