/** What an exported workspace looks like: the names of its entries, what stands in them, and how much of it is taken. */
import { z } from 'zod';
import { outcomeFreeDetails } from './details.ts';

/** Goes up when an older Sandpost could not read what a newer one writes. */
export const formatVersion = 1;

export const entryNames = {
  about: 'workspace.json',
  settings: 'settings.json',
  mbox: 'messages.mbox',
  rows: 'messages.jsonl',
  /** Messages as files of their own stand in it. */
  messages: 'messages/',
} as const;

export const messageForms = ['mbox', 'eml', 'none'] as const;
export type MessageForm = (typeof messageForms)[number];

/** Of one element of a list: the largest is a template with all its versions. */
export const elementBytesMax = 64 * 1024 * 1024;
export const rowBytesMax = 4 * 1024 * 1024;
/** Of `workspace.json`, `settings.json` and `suppressions.csv`, which are read as a whole. */
export const wholeBytesMax = 16 * 1024 * 1024;
/** Each is an entry of the archive: more of them are an mbox. */
export const messageFilesMax = 200_000;

export const aboutSchema = z.object({
  format: z.literal('sandpost-workspace'),
  formatVersion: z.int().min(1),
  sandpost: z.string().max(100),
  madeAt: z.string().max(40),
  messages: z.enum(messageForms),
  privateKeys: z.boolean(),
  leftOut: z.array(z.string()).default([]),
});
export type About = z.infer<typeof aboutSchema>;

/** What no export has, in words for whoever reads it. */
export const leftOut: readonly string[] = [
  'credentials of relays and of providers, tokens, secrets of webhooks, keys of the in-app door',
  'the key that seals the database, and the private key of the local CA',
  'private keys of browser subscriptions: they get new ones',
  'deliveries with their attempts and events, exchanges, and what mailboxes, phones and handsets hold',
  'what providers remember of senders, counts of rules, suspensions of queues, the virtual clock',
  'numbers and services that an app made through a provider’s own interface',
];
export const leftOutKeys = 'private DKIM keys of sending domains: they get new ones';
export const leftOutMessages = 'messages';

const address = z.string().max(2_000);
const recipientsMax = 100_000;
const parameters = z.record(z.string(), z.union([z.string(), z.literal(true)]));

/** A line of `messages.jsonl`: what stands beside the bytes of a message. */
export const rowSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is no id of a message'),
  /** Where its bytes are: the how manieth of the mbox, from 0, or the name of an entry. */
  at: z.union([z.int().min(0), z.string().startsWith(entryNames.messages)]),
  bytes: z.int().min(0),
  channel: z.enum(['email', 'push', 'sms', 'inapp', 'multi']),
  door: z.string().min(1).max(64),
  project: z.string().min(1).max(64),
  user: z.string().max(1_000).nullable().default(null),
  envelope: z.object({
    from: address,
    to: z.array(address).max(recipientsMax),
    parameters: z.object({ mail: parameters, rcpt: z.array(parameters).max(recipientsMax) }).nullable(),
  }),
  receivedAt: z.iso.datetime({ offset: true }),
  read: z.boolean().default(false),
  tags: z.array(z.string().min(1).max(64)).max(32).default([]),
  details: outcomeFreeDetails.nullable().default(null),
});
export type MessageLine = z.infer<typeof rowSchema>;
