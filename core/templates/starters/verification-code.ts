import { heading, layout, text } from './layout.ts';
import { appName, type StarterTemplate, variable } from './starter.ts';

export const verificationCode: StarterTemplate = {
  id: 'verification-code',
  head: { name: 'Verification code', description: 'A code for signing in.', topic: null, locale: 'en' },
  draft: {
    variables: [appName, variable('code', 'string', '482913'), variable('minutes', 'number', 10)],
    content: {
      email: {
        subject: '{{ code }} is your {{ app.name }} code',
        preheader: 'It is good for {{ minutes }} minutes.',
        format: 'mjml',
        body: layout({
          blocks: [
            text('Your code:'),
            heading('<span style="letter-spacing:4px">{{ code }}</span>'),
            text(
              'It is good for {{ minutes }} minutes. Nobody from {{ app.name }} will ever ask you for it.',
            ),
          ],
          footer: 'If you did not try to sign in, leave this message as it is.',
        }),
      },
      push: {
        title: '{{ app.name }}',
        body: '{{ code }} is your code. It is good for {{ minutes }} minutes.',
      },
      sms: { body: '{{ code }} is your {{ app.name }} code. It is good for {{ minutes }} minutes.' },
      inapp: {
        title: 'Your code',
        body: '{{ code }} is good for {{ minutes }} minutes.',
        display: { kind: 'banner', frequency: 'untilDismissed' },
        saveToInbox: false,
      },
    },
    locales: {},
  },
};
