/** What POST /v1/messages takes: a message of one channel, or a send over several. */
import { z } from '@hono/zod-openapi';
import { multiRequestSchema } from './multi-schema.ts';
import { sendRequestSchema } from './send-schema.ts';

/** Who says `channels` means several. */
export const sendAnyRequestSchema = z.preprocess(
  (said: unknown) =>
    typeof said === 'object' && said !== null && 'channels' in said && !('channel' in said)
      ? { ...said, channel: 'multi' }
      : said,
  z.discriminatedUnion('channel', [multiRequestSchema, sendRequestSchema]).openapi('SendAnyRequest'),
);
