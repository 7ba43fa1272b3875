import { button, heading, layout, text } from './layout.ts';
import { appName, firstName, type StarterTemplate, variable } from './starter.ts';

export const passwordReset: StarterTemplate = {
  id: 'password-reset',
  head: {
    name: 'Password reset',
    description: 'A link that is good for a while.',
    topic: null,
    locale: 'en',
  },
  draft: {
    variables: [
      appName,
      variable('reset.url', 'string', 'https://app.example/reset?token=3f2a'),
      variable('reset.minutes', 'number', 30),
    ],
    content: {
      email: {
        subject: 'Set a new password for {{ app.name }}',
        preheader: 'The link is good for {{ reset.minutes }} minutes.',
        format: 'mjml',
        body: layout({
          blocks: [
            heading('Set a new password'),
            text(`Hello ${firstName('there')}, somebody asked for a new password for your account.`),
            button('Set a new password', '{{ reset.url }}'),
            text('The link is good for {{ reset.minutes }} minutes and works once.'),
          ],
          footer: 'If it was not you, leave this message as it is: your password stays.',
        }),
      },
      push: {
        title: 'Set a new password',
        body: 'Somebody asked for a new password. Was it you?',
        link: '{{ reset.url }}',
      },
      sms: { body: '{{ app.name }}: set a new password within {{ reset.minutes }} minutes: {{ reset.url }}' },
      inapp: {
        title: 'A new password was asked for',
        body: 'If it was not you, have a look at where you are signed in.',
        actions: [{ id: 'reset', label: 'Set a new password', url: '{{ reset.url }}' }],
        display: { kind: 'banner', frequency: 'untilDismissed' },
        priority: 900,
      },
    },
    locales: {},
  },
};
