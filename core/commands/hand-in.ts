/** Hands a message to the send API, and prints what became of it. */
import { z } from 'zod';
import { type Flags, on, text } from './arguments.ts';
import { findCore } from './core-client.ts';
import { exitCodes, type Output, painter } from './output.ts';

const answerSchema = z.object({
  id: z.string(),
  deliveries: z.array(z.object({ recipient: z.string(), status: z.string(), reason: z.string().nullable() })),
});

/** The id on standard output, for scripts; each delivery on standard error, for people. */
export async function handIn(
  request: Readonly<Record<string, unknown>>,
  flags: Flags,
  output: Output,
): Promise<number> {
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  const answer = answerSchema.parse(await core.json('POST', '/v1/messages', request));
  if (on(flags, 'json')) {
    output.stdout.write(`${JSON.stringify(answer)}\n`);
    return exitCodes.ok;
  }
  output.stdout.write(`${answer.id}\n`);
  const paint = painter(output);
  for (const { recipient, status, reason } of answer.deliveries)
    output.stderr.write(`${paint('dim', recipient)}  ${status}${reason === null ? '' : `: ${reason}`}\n`);
  return exitCodes.ok;
}
