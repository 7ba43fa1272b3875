/** Wires the templates' room, and tells it how large its pushes become and what in-app messages may not be: it knows no channel itself. */
import { validateInApp } from '../channels/inapp/validate-submission.ts';
import { payloadLimit } from '../channels/push/provider-limits.ts';
import { renderApns, renderFcm, renderWebPush } from '../channels/push/render.ts';
import type { Clock, VirtualClock } from '../clock.ts';
import { requestOfTemplate } from '../model/inapp-submission.ts';
import { readSubmission } from '../model/push-submission.ts';
import type { Store } from '../store/store.ts';
import type { InAppFaults } from '../templates/check.ts';
import type { PushSizes } from '../templates/preview.ts';
import { openTemplates, type TemplatesRoom } from '../templates/room.ts';

export function openTemplateRoom(ports: {
  readonly store: Store;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly onProblem: (text: string) => void;
}): Promise<TemplatesRoom> {
  const { store, clock, virtual, onProblem } = ports;
  return openTemplates({ store, clock, nowMs: () => virtual.nowMs(), pushSizes, inAppFaults, onProblem });
}

/** A token as long as those of FCM are. */
const token = 'x'.repeat(160);

const pushSizes: PushSizes = ({ title, body, image, link, data }) => {
  const submission = readSubmission(
    Buffer.from(JSON.stringify({ channel: 'push', to: [], title, body, image, link, data })),
  );
  if (submission === null) return [];
  const times = { ttlSeconds: null, expiresAtWallMs: null };
  const counted = {
    apns: renderApns(submission, { app: '', expiresAtWallMs: null }).counted,
    fcm: renderFcm(submission, { ...times, target: { kind: 'token', value: token }, platform: null }).counted,
    webpush: renderWebPush(submission, { ttlSeconds: 0 }).counted,
  } as const;
  return (['apns', 'fcm', 'webpush'] as const).map((provider) => ({
    provider,
    bytes: counted[provider],
    bytesMax: payloadLimit(provider, false).bytesMax,
  }));
};

/** For somebody, and at no time: both are the send's. */
const inAppFaults: InAppFaults = (inapp) => {
  const read = validateInApp({ to: 'somebody', ...requestOfTemplate(inapp) }, 0);
  return read.ok ? [] : read.errors;
};
