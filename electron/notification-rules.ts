/** Which messages a person wants to be told of. */
import type { ArrivedMessage, NotificationRule, ShellPreferences } from './bridge.ts';

export function wantsNotification(
  { notifications, notificationRules }: Pick<ShellPreferences, 'notifications' | 'notificationRules'>,
  message: ArrivedMessage,
): boolean {
  switch (notifications) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'rules':
      return notificationRules.some((rule) => fits(rule, message));
  }
}

function fits({ channel, project, text }: NotificationRule, message: ArrivedMessage): boolean {
  if (channel !== null && channel !== message.channel) return false;
  if (project !== null && project !== message.project) return false;
  const wanted = text.trim().toLowerCase();
  return [message.subject, ...message.recipients].some((place) => place.toLowerCase().includes(wanted));
}
