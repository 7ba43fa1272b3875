// Shows that a worker can be started from where the core lies, unpacked beside an asar too.
import { parentPort } from 'node:worker_threads';

parentPort.postMessage('worker answered');
