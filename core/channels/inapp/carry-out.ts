/** What rules and magic users want done with a request, done to its answer. Pure. */
import type { ProviderAnswer } from '../../doors/http/provider-request.ts';
import type { InAppRefusal, InAppTrouble } from './ask.ts';
import { statusReply } from './reply.ts';

/** Is nothing of what was asked for done? Then this is the answer; else null. */
export function instead(trouble: InAppTrouble): ProviderAnswer | null {
  if (trouble.isDone) return null;
  const { refusal } = trouble;
  return troubled(
    refusal === null ? { reply: statusReply(503, {}), refused: whyOf(trouble) } : refused(refusal, trouble),
    trouble,
  );
}

/** What was asked for is done; how the client gets to hear of it is another matter. */
export function troubled(answer: ProviderAnswer, trouble: InAppTrouble): ProviderAnswer {
  const { cut, lateMs, bytesPerSecond, why } = trouble;
  if (why.length === 0) return answer;
  return {
    ...answer,
    // Whoever wonders finds the rule in the exchange.
    refused: answer.refused ?? whyOf(trouble),
    ...(cut?.at === 'middle'
      ? { connection: { kind: 'cutMiddle', afterBytes: cut.afterBytes } as const }
      : {}),
    ...(cut?.at === 'answer' ? { connection: { kind: 'cut' } as const } : {}),
    ...(lateMs > 0 ? { lateMs } : {}),
    ...(bytesPerSecond === null ? {} : { bytesPerSecond }),
    quiet: false,
  };
}

function whyOf({ why }: InAppTrouble): string {
  return why.join('; ');
}

function refused(refusal: InAppRefusal, trouble: InAppTrouble): ProviderAnswer {
  const { status, code, detail, retryAfterS } = refusal;
  return {
    reply: statusReply(
      status,
      { type: 'about:blank', title: code, status, detail, code, errors: [] },
      retryAfterS === null ? [] : [['retry-after', String(retryAfterS)]],
    ),
    refused: whyOf(trouble),
  };
}
