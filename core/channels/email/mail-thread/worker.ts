/** The thread that prepares messages for their way out. While signatures are made it goes on with the next message. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../model/app-error.ts';
import { openRawReader } from '../../../store/sqlite/raw-reader.ts';
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

const port = parentPort;
if (port !== null) {
  const store = openRawReader((workerData as { readonly file: string }).file);
  let answers: OneAnswer[] = [];
  port.on('message', (message: readonly ThreadRequest[] | 'close') => {
    if (message === 'close') {
      tellAll();
      store.close();
      port.close();
      return;
    }
    for (const { id, request } of message)
      answer(request).then(
        (prepared) => tell({ id, ok: true, prepared }),
        (error: unknown) => tell({ id, ok: false, message: messageOf(error) }),
      );
  });

  /** What is ready in the same turn of the event loop goes in one message. */
  function tell(answer: OneAnswer): void {
    answers.push(answer);
    if (answers.length === 1) setImmediate(tellAll);
  }

  function tellAll(): void {
    const told = answers;
    answers = [];
    if (told.length > 0) port?.postMessage({ answers: told }, told.flatMap(contentOf));
  }

  async function answer(request: PrepareRequest): Promise<Prepared | null> {
    const raw = store.bySeq(request.seq);
    return raw === null ? null : prepare(raw, request);
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
