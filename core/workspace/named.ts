/** What is read of an entry, so that what is wrong with it says where it stands. */
import { AppError } from '../model/app-error.ts';

export async function* named<T>(entry: string, source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    throw withName(entry, error);
  }
}

export function withName(entry: string, error: unknown): unknown {
  if (!(error instanceof AppError) || error.message.startsWith(entry)) return error;
  if (error.code !== 'import_refused' && error.code !== 'too_large') return error;
  return new AppError(error.code, `${entry}: ${error.message}`, { cause: error });
}
