/** A real client of another make delivers to the public door, and says by XCLIENT whom it speaks for. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProgram, run } from '../../run-program.ts';
import { temporaryFolder } from '../../start-core.ts';
import { openFarSide } from './far-side.ts';
import { goodZone, letter, sign } from './signed-mail.ts';

const swaks = findProgram('swaks');

(swaks === null ? describe.skip : describe)(
  `swaks at the MX${swaks === null ? ' (skipped: swaks is not installed)' : ''}`,
  () => {
    const send = async (port: number | null, file: string, to: string, ...more: readonly string[]) =>
      run('swaks', [
        ...['--server', '127.0.0.1', '--port', String(port), '--helo', 'out.example.com'],
        ...['--from', 'b+1@bounce.example.com', '--to', to, '--data', `@${file}`, ...more],
      ]);

    it('gets a signed message into the inbox, and the words of the provider for one that is not', async () => {
      const far = await openFarSide({ zone: goodZone });
      const folder = await temporaryFolder();
      const [signed, bare] = [join(folder, 'signed.eml'), join(folder, 'bare.eml')];
      await writeFile(signed, await sign(letter()));
      await writeFile(bare, letter());
      const xclient = ['--xclient', 'ADDR=192.0.2.10'];
      const taken = await send(far.providers.port, signed, 'jane@gmail.com', ...xclient);
      expect(taken, taken.stdout + taken.stderr).toMatchObject({ code: 0 });
      expect([...far.copies.values()][0]).toMatchObject({
        placement: 'inbox',
        authentication: { spf: { result: 'pass' }, dmarc: { result: 'pass' } },
      });
      const refused = await send(far.providers.port, bare, 'jane@gmail.com', '--from', 'x@elsewhere.example');
      expect(refused.code).not.toBe(0);
      expect(refused.stdout).toContain('550-5.7.26 Unauthenticated email from example.com is not accepted');
    });
  },
);
