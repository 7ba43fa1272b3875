import type { List, Message } from '../../../core/api/schema.ts';
import { basePath } from '../base-path.ts';
import { parseSearch, readRoomSearch } from '../room-search.ts';
import { firstPagePath } from './message-list-path.ts';
import { request } from './request.ts';

/** An answer older than this is not the first page any more. */
const freshMs = 5_000;

/**
 * The first page of the list, asked for as soon as the code runs: the core answers while the screen is being built.
 * Imported first by the entry.
 */
const early = askEarly();

/** @returns the early answer, once, when it is to this very question; otherwise null */
export function takeFirstPage(path: string): Promise<List<Message>> | null {
  if (early.path !== path || early.answer === null || performance.now() - early.askedAt > freshMs)
    return null;
  const { answer } = early;
  early.answer = null;
  return answer;
}

function askEarly(): { path: string; answer: Promise<List<Message>> | null; readonly askedAt: number } {
  const room = window.location.pathname.slice(basePath.length);
  if (room !== '/' && !room.startsWith('/messages')) return { path: '', answer: null, askedAt: 0 };
  const { q = '', project = null } = readRoomSearch(parseSearch(window.location.search));
  const path = firstPagePath({ q, project });
  const answer = request<List<Message>>(path);
  // Whoever takes the answer sees the error; nobody may take it.
  answer.catch(() => undefined);
  return { path, answer, askedAt: performance.now() };
}
