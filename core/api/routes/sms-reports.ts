/**
 * What SMS providers tell of the messages that the core sent: delivery reports and answers of handsets, each in its provider's
 * own words; and the short links of such messages. Their addresses carry a key, and what is signed is checked.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { SmsNotice } from '../../channels/sms/client.ts';
import type { NoticeVerdict } from '../../channels/sms/unify.ts';
import { assertNever, messageOf } from '../../model/app-error.ts';
import { isSmsProvider, type SmsProvider } from '../../model/sms.ts';
import { problem } from '../problem.ts';
import type { Services, SmsFeedbackService } from '../services.ts';

const noticeBytesMax = 256 * 1024;
const retryAfterS = 5;
const userAgentCharsMax = 300;

export function smsReportRoutes(
  api: OpenAPIHono,
  feedback: SmsFeedbackService,
  services: Pick<Services, 'store' | 'time' | 'onProblem'> & { readonly baseUrl: () => string },
): void {
  const limited = bodyLimit({
    maxSize: noticeBytesMax,
    onError: (c) => problem(c, 'too_large', `A report has at most ${noticeBytesMax} bytes.`),
  });
  // MessageBird reports by GET, the others by POST; Vonage does either.
  for (const method of ['get', 'post'] as const) {
    api[method]('/v1/sms/reports/:provider', limited, (c) =>
      heard(c, (provider, notice) => feedback.report(provider, notice)),
    );
    api[method]('/v1/sms/inbound/:provider', limited, (c) =>
      heard(c, (provider, notice) => feedback.inbound(provider, notice)),
    );
  }

  api.get('/s/:code', async (c) => {
    const found = await feedback.follow(c.req.param('code'));
    if (found === null) return problem(c, 'not_found', 'This link belongs to no message that is still here.');
    try {
      await services.store.note([
        {
          deliveryId: found.deliveryId,
          type: 'clicked',
          nowMs: services.time.nowMs(),
          data: {
            url: found.url,
            userAgent: (c.req.header('user-agent') ?? '').slice(0, userAgentCharsMax),
          },
          change: null,
        },
      ]);
    } catch (error) {
      // A reader must see the page whatever becomes of the event.
      services.onProblem(`a click could not be kept: ${messageOf(error)}`);
    }
    c.header('cache-control', 'no-store, private');
    return c.redirect(found.url, 302);
  });

  async function heard(
    c: Context,
    hear: (provider: SmsProvider, notice: SmsNotice) => Promise<NoticeVerdict>,
  ): Promise<Response> {
    const provider = c.req.param('provider');
    if (!isSmsProvider(provider))
      return problem(c, 'not_found', `There is no SMS provider ${provider ?? ''}.`);
    const asked = new URL(c.req.url);
    const verdict = await hear(provider, {
      method: c.req.method,
      // Signed is the address that the provider was given, whatever name this core was reached by.
      url: new URL(`${asked.pathname}${asked.search}`, services.baseUrl()),
      field: (name) => c.req.header(name) ?? null,
      fields: Object.entries(c.req.header()),
      body: await c.req.text(),
    });
    return answered(c, verdict);
  }
}

function answered(c: Context, verdict: NoticeVerdict): Response {
  switch (verdict) {
    case 'done':
      // Words would be read by some of them: Twilio takes them for TwiML.
      return c.body(null, 204);
    case 'forbidden':
      return problem(
        c,
        'forbidden',
        'The key of this address, or the signature, is not the one that Sandpost gave the provider.',
      );
    case 'unreadable':
      return problem(c, 'bad_request', 'This is no report as that provider writes them.');
    case 'not_yet':
      c.header('retry-after', String(retryAfterS));
      return problem(c, 'store_busy', 'The attempt is still being recorded; call again in a moment.');
    default:
      return assertNever(verdict);
  }
}
