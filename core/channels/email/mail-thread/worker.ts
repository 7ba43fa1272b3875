/** The thread that prepares messages for their way out. While signatures are made it goes on with the next message. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../model/app-error.ts';
import { openRawReader } from '../../../store/sqlite/raw-reader.ts';
import { type Prepared, type PrepareRequest, prepare } from './prepare.ts';

export interface ThreadRequest {
  readonly id: number;
  readonly request: PrepareRequest;
}

export type ThreadAnswer =
  | { readonly loaded: true }
  /** `prepared` is null when the message is not there any more. */
  | { readonly id: number; readonly ok: true; readonly prepared: Prepared | null }
  | { readonly id: number; readonly ok: false; readonly message: string };

const port = parentPort;
if (port !== null) {
  const store = openRawReader((workerData as { readonly file: string }).file);
  port.on('message', (message: ThreadRequest | 'close') => {
    if (message === 'close') {
      store.close();
      port.close();
      return;
    }
    const { id, request } = message;
    answer(request)
      .then((prepared) =>
        port.postMessage(
          { id, ok: true, prepared },
          prepared?.ok === true ? [bufferOf(prepared.content)] : [],
        ),
      )
      .catch((error: unknown) => port.postMessage({ id, ok: false, message: messageOf(error) }));
  });

  async function answer(request: PrepareRequest): Promise<Prepared | null> {
    const raw = store.bySeq(request.seq);
    return raw === null ? null : prepare(raw, request);
  }

  port.postMessage({ loaded: true });
}

function bufferOf(content: Uint8Array): ArrayBuffer {
  if (content.buffer instanceof ArrayBuffer) return content.buffer;
  throw new Error('the content is in shared memory');
}
