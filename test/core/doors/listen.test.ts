/** Binding a door. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../core/doors/listen.ts';

it('names the flag that moves the door, where its port is taken', async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    other.close();
  });
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(listen(createServer, 'apnsManage', ['127.0.0.1'], port)).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringContaining('choose another with --apns-manage-port '),
  });
});
