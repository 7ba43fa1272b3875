/** Pages of lists as Twilio has them. Pure. Source: https://www.twilio.com/docs/usage/twilios-response#pagination */
import { readForm } from './form.ts';

export interface PageBounds {
  readonly page: number;
  readonly size: number;
  /** Null: counted from the first. */
  readonly token: PageToken | null;
}

/** Where a page begins, and where the one before it did. */
export interface PageToken {
  readonly after: number;
  readonly before: number | undefined;
}

const sizeUsual = 50;
const sizeMax = 1_000;
const pageMax = 1_000_000;

export function pageBounds(query: string): PageBounds {
  const form = readForm(query);
  return {
    page: number(form.get('Page'), 0, 0, pageMax),
    size: number(form.get('PageSize'), sizeUsual, 1, sizeMax),
    token: tokenOf(form.get('PageToken')),
  };
}

function number(text: string | null, usual: number, least: number, most: number): number {
  if (text === null || !/^\d{1,9}$/.test(text)) return usual;
  return Math.min(most, Math.max(least, Number(text)));
}

function tokenOf(text: string | null): PageToken | null {
  const [, after, before] = /^PA(\d{1,15})(?:-(\d{1,15}))?$/.exec(text ?? '') ?? [];
  if (after === undefined) return null;
  return {
    after: Number(after),
    before: before === undefined || before === '0' ? undefined : Number(before),
  };
}

export interface Seen {
  /** Token of the next page; null: there is none. Empty: its number is enough. */
  readonly next: string | null;
  readonly previous: string;
}

/** As version 2010-04-01 has it. */
export function pageEnvelope(
  uri: string,
  filters: string,
  key: string,
  entries: readonly object[],
  { page, size, token }: PageBounds,
  { next, previous }: Seen,
): object {
  const start = page * size;
  const at = (number_: number, said: string): string =>
    `${uri}?${filters === '' ? '' : `${filters}&`}PageSize=${size}&Page=${number_}${said === '' ? '' : `&PageToken=${said}`}`;
  return {
    first_page_uri: at(0, ''),
    end: Math.max(start, start + entries.length - 1),
    previous_page_uri: page === 0 ? null : at(page - 1, page === 1 ? '' : previous),
    [key]: entries,
    uri: at(
      page,
      token === null ? '' : `PA${token.after}${token.before === undefined ? '' : `-${token.before}`}`,
    ),
    page_size: size,
    start,
    next_page_uri: next === null ? null : at(page + 1, next),
    page,
  };
}

/** As the newer APIs have it: addresses are whole. */
export function pageMeta(url: string, key: string, { page, size }: PageBounds, more: boolean): object {
  const at = (number_: number): string => `${url}?PageSize=${size}&Page=${number_}`;
  return {
    page,
    page_size: size,
    first_page_url: at(0),
    previous_page_url: page === 0 ? null : at(page - 1),
    url: at(page),
    next_page_url: more ? at(page + 1) : null,
    key,
  };
}
