/** What a provider and its mailboxes need to know of a message, read once when it arrives. */
import type { Stream } from '../model/delivery.ts';
import { domainOf } from './address.ts';
import type { MailContent } from './filter/mail-content.ts';
import { judgeStream } from './judge-stream.ts';
import { type UnsubscribeWays, unsubscribeWays } from './unsubscribe-ways.ts';

export interface MessageFacts {
  readonly subject: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly fromDomain: string;
  readonly replyTo: string | null;
  readonly messageId: string | null;
  readonly references: string | null;
  readonly stream: Stream;
  /** What tabs beside an inbox go by. */
  readonly kind: 'personal' | 'promotions' | 'updates';
  readonly ways: UnsubscribeWays;
  /** Of the Postmaster page: the last part names the sender, the ones before it a campaign. */
  readonly feedbackId: string | null;
  /** Made by a program, or sent to many: no auto-reply may answer it (RFC 3834 §2). */
  readonly automatic: boolean;
  /** Addresses that opening and clicking lead to. */
  readonly pictures: readonly string[];
  readonly links: readonly string[];
}

const linksMax = 100;
const updates =
  /\b(?:receipt|invoice|statement|order|shipped|shipping|delivery|booking|reservation|itinerary|subscription|renewal|security alert)\b/i;

export function messageFacts(content: MailContent): MessageFacts {
  const { header } = content;
  const fromDomain = domainOf(content.from?.address ?? '');
  const stream = judgeStream(header, fromDomain);
  const web = (urls: readonly string[]): string[] =>
    [...new Set(urls.filter((url) => /^https?:\/\//i.test(url)))].slice(0, linksMax);
  return {
    subject: content.subject,
    from: content.from ?? { name: '', address: '' },
    fromDomain,
    replyTo: content.replyTo?.address ?? null,
    messageId: header('message-id')[0] ?? null,
    references: header('references')[0] ?? null,
    stream,
    kind: stream === 'marketing' ? 'promotions' : updates.test(content.subject) ? 'updates' : 'personal',
    ways: unsubscribeWays(header),
    feedbackId: header('feedback-id')[0] ?? null,
    automatic: isAutomatic(header),
    pictures: web(content.pictures.map(({ url }) => url)),
    links: web(content.links.map(({ url }) => url)),
  };
}

/** Marketing that its sender calls so in another way than by a header. */
export function takenFor(facts: MessageFacts, stream: Stream | undefined): MessageFacts {
  return stream === 'marketing' && facts.stream !== stream ? { ...facts, stream, kind: 'promotions' } : facts;
}

/** RFC 3834 §2, and what servers put in that knew no RFC 3834. */
function isAutomatic(header: (name: string) => readonly string[]): boolean {
  const submitted = header('auto-submitted')[0]?.trim().toLowerCase();
  if (submitted !== undefined && submitted !== 'no' && !submitted.startsWith('no;')) return true;
  if (/^(?:bulk|list|junk)$/i.test(header('precedence')[0]?.trim() ?? '')) return true;
  return (
    header('list-id').length > 0 ||
    header('list-unsubscribe').length > 0 ||
    header('x-auto-response-suppress').some((value) => /\b(?:all|oof|autoreply)\b/i.test(value)) ||
    header('x-loop').length > 0
  );
}
