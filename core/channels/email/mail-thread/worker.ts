/** The thread that prepares messages for their way out. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../model/app-error.ts';
import { openRawReader } from '../../../store/sqlite/raw-reader.ts';
import { giveWay } from '../../../thread-priority.ts';
import { type Prepared, type PrepareRequest, prepare } from './prepare.ts';

export interface ThreadRequest {
  readonly id: number;
  readonly request: PrepareRequest;
}

export type ThreadAnswer = { readonly loaded: true } | { readonly answers: readonly OneAnswer[] };

export type OneAnswer =
  /** `prepared` is null when the message is not there any more. */
  | { readonly id: number; readonly ok: true; readonly prepared: Prepared | null }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** Messages that are answered for in one go: waking a thread takes longer than most, and the first should not wait for the last. */
const togetherMax = 4;

const port = parentPort;
if (port !== null) {
  giveWay();
  const store = openRawReader((workerData as { readonly file: string }).file);
  const queue: ThreadRequest[] = [];
  port.on('message', (message: readonly ThreadRequest[] | 'close') => {
    if (message === 'close') {
      store.close();
      port.close();
      return;
    }
    if (queue.length === 0) setImmediate(next);
    queue.push(...message);
  });

  function next(): void {
    const answers = queue.splice(0, togetherMax).map(answer);
    port?.postMessage({ answers }, answers.flatMap(contentOf));
    if (queue.length > 0) setImmediate(next);
  }

  function answer({ id, request }: ThreadRequest): OneAnswer {
    try {
      const raw = store.bySeq(request.seq);
      return { id, ok: true, prepared: raw === null ? null : prepare(raw, request) };
    } catch (error) {
      return { id, ok: false, message: messageOf(error) };
    }
  }

  port.postMessage({ loaded: true });
}

function contentOf(answer: OneAnswer): ArrayBuffer[] {
  return answer.ok && answer.prepared?.ok === true ? [bufferOf(answer.prepared.content)] : [];
}

function bufferOf(content: Uint8Array): ArrayBuffer {
  if (content.buffer instanceof ArrayBuffer) return content.buffer;
  throw new Error('the content is in shared memory');
}
