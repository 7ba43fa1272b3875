/** What rules that ask for the body get of it: read in the thread, within its time limit. */
import { AppError } from '../model/app-error.ts';
import type { InspectThread } from './inspect-thread.ts';
import type { BodyContent } from './read-message.ts';
import type { ContentSource, Wanted } from './worker.ts';

/** @throws AppError `unreadable`, `store_busy`, `not_found` when it is not there any more */
export async function bodyContent(
  thread: Pick<InspectThread, 'ask'>,
  source: ContentSource,
  wanted: Wanted = { questions: [], asksBody: true },
): Promise<BodyContent> {
  const { questions, asksBody } = wanted;
  const content = await thread.ask('content', { of: source, wanted: { questions, asksBody } });
  if (content === null) throw new AppError('not_found', 'the message is not there any more');
  return content;
}
