/** Pushes as the API shows them. Pure. */
import { readPush } from '../inspect/read-push.ts';
import type { MessageRow } from '../model/message.ts';
import type { PushContent, PushDetails } from '../model/push.ts';
import { isoOrNull } from './iso-time.ts';
import type { MessageDetail } from './schema.ts';

type View = NonNullable<MessageDetail['push']>;

/** @param raw what was stored of it, whole */
export function presentPush(row: Pick<MessageRow, 'details'>, raw: Uint8Array): View {
  const { content, problems } = readPush(row, raw);
  const push = row.details?.push;
  return {
    details: push === undefined ? null : presentPushDetails(push),
    content: presentPushContent(content),
    problems: problems.map((one) => ({ ...one })),
  };
}

export function presentPushContent(content: PushContent): View['content'] {
  return { ...content, actions: content.actions.map((one) => ({ ...one })), data: { ...content.data } };
}

function presentPushDetails({ expiresAtMs, headers, credentials, ...push }: PushDetails): View['details'] {
  return {
    ...push,
    target: { ...push.target },
    expiresAt: isoOrNull(expiresAtMs),
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    credentials:
      credentials === null
        ? null
        : {
            ...credentials,
            header: { ...credentials.header },
            claims: { ...credentials.claims },
            checks: credentials.checks.map((one) => ({ ...one })),
          },
  };
}
