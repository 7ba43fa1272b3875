import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { InspectThread, UnreadableError } from '../../../core/inspect/inspect-thread.ts';
import { startCore } from '../../start-core.ts';

const limits = { silenceMsMax: 20_000, idleMsMax: 20_000 };

it('ends a thread that still loads without taking the process along', async () => {
  const core = await startCore();
  const file = join(core.dataDir, 'sandpost.db');
  for (let round = 0; round < 4; round++) {
    const thread = new InspectThread(file, systemClock, limits);
    const asked = thread.ask('detail', { messageId: 'none' });
    const refused = expect(asked).rejects.toBeInstanceOf(UnreadableError);
    await thread.close();
    await refused;
  }
});

it('replaces a thread that stays silent for too long, and says which message it was', async () => {
  const core = await startCore();
  await core.send('Subject: slow\r\n\r\nbody\r\n');
  const thread = new InspectThread(join(core.dataDir, 'sandpost.db'), systemClock, {
    ...limits,
    silenceMsMax: 0,
  });
  await expect(
    thread.ask('summarize', { seqs: Array.from({ length: 5_000 }, () => 1) }),
  ).rejects.toBeInstanceOf(UnreadableError);
  await thread.close();
});
