import { type UserChannel, userChannels } from '../../../core/model/user.ts';

export const channelWords: Readonly<Record<UserChannel, string>> = {
  email: 'Mail',
  push: 'Push',
  sms: 'SMS',
  inapp: 'In-app',
};

export const isUserChannel = (value: string): value is UserChannel =>
  userChannels.some((channel) => channel === value);
