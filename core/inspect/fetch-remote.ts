/**
 * Fetches pictures that a message refers to, because its reader asked for them. The core does it, so that the page
 * never talks to anyone else; nothing identifies the reader, and nothing but pictures comes back.
 */
import { messageOf } from '../model/app-error.ts';

const picturesMax = 100;
const pictureBytesMax = 5 * 1024 * 1024;
const totalBytesMax = 25 * 1024 * 1024;
const pictureMsMax = 10_000;
const atATime = 6;

export async function fetchRemote(
  urls: readonly string[],
  fetchOne: typeof fetch,
  onProblem: (text: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const waiting = urls.slice(0, picturesMax);
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined && bytes < totalBytesMax; url = waiting.shift()) {
      try {
        const picture = await fetchPicture(url, fetchOne);
        bytes += picture.length;
        found.set(url, picture);
      } catch (error) {
        onProblem(`${url} could not be fetched: ${messageOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return found;
}

async function fetchPicture(url: string, fetchOne: typeof fetch): Promise<string> {
  const response = await fetchOne(url, {
    redirect: 'follow',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(pictureMsMax),
  });
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!response.ok || !/^image\/[\w.+-]+$/.test(type)) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status} ${type}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > pictureBytesMax) throw new Error(`larger than ${pictureBytesMax} bytes`);
    chunks.push(chunk);
  }
  return `data:${type};base64,${Buffer.concat(chunks).toString('base64')}`;
}
