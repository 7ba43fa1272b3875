/** What rules that ask for the body get of it: read in the thread, within its time limit. */
import { AppError } from '../model/app-error.ts';
import type { InspectThread } from './inspect-thread.ts';
import type { BodyContent } from './read-message.ts';
import type { ContentSource } from './worker.ts';

/** @throws AppError `unreadable`, `store_busy`, `not_found` when it is not there any more */
export async function bodyContent(
  thread: Pick<InspectThread, 'ask'>,
  source: ContentSource,
): Promise<BodyContent> {
  const content = await thread.ask('content', { of: source });
  if (content === null) throw new AppError('not_found', 'the message is not there any more');
  return content;
}
