import { DeleteSettings } from './delete-settings.tsx';
import { DeliverySettings } from './delivery-settings.tsx';
import { DesktopSettings } from './desktop-settings.tsx';
import { InAppSettings } from './inapp-settings.tsx';
import { LookSettings } from './look-settings.tsx';
import { ProjectSettings } from './project-settings.tsx';
import { PushSettings } from './push-settings.tsx';
import { RetentionSettings } from './retention-settings.tsx';
import { ServerFacts } from './server-facts.tsx';
import classes from './settings-room.module.css';
import { SmsSettings } from './sms-settings.tsx';
import { WebhookSettings } from './webhook-settings.tsx';
import { WorkspaceSettings } from './workspace-settings.tsx';

/** What can be set, and the facts about the core. */
export function SettingsRoom() {
  return (
    <div className={classes.room}>
      <div className={classes.column}>
        <h1 className={classes.title}>Settings</h1>
        <LookSettings />
        <DesktopSettings />
        <DeliverySettings />
        <PushSettings />
        <SmsSettings />
        <InAppSettings />
        <WebhookSettings />
        <RetentionSettings />
        <ProjectSettings />
        <WorkspaceSettings />
        <ServerFacts />
        <DeleteSettings />
      </div>
    </div>
  );
}
