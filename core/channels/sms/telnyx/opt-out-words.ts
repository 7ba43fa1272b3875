/** Words that Telnyx sees to by itself, where they are all of a message. Source: https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out */
export const stopWords: readonly string[] = [
  'STOP',
  'STOPALL',
  'STOP ALL',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
];
export const startWords: readonly string[] = ['START', 'UNSTOP'];
export const helpWords: readonly string[] = ['HELP'];
