import type { ShownPushSettings } from '../../../core/api/push-schema.ts';
import { Fact } from './made-credential.tsx';
import { PushPart } from './push-part.tsx';
import classes from './push-settings.module.css';

/** What pushes of the send API are signed with; a subscription may be made for its VAPID key. */
export function OwnPushKeys({ own }: { readonly own: ShownPushSettings['own'] }) {
  const { apns, fcm, vapid } = own;
  return (
    <PushPart title="What the sandbox itself pushes with">
      <dl className={classes.facts}>
        <Fact label="APNs key id" value={apns.kid} />
        <Fact label="APNs team id" value={apns.teamId} />
        <Fact label="FCM account" value={fcm.clientEmail} />
        <Fact label="FCM project" value={fcm.projectId} />
        <Fact label="VAPID public key" value={vapid.publicKey} />
      </dl>
    </PushPart>
  );
}
