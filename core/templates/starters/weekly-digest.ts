import { button, heading, layout, raw, text } from './layout.ts';
import { appName, firstName, type StarterTemplate, variable } from './starter.ts';

export const weeklyDigest: StarterTemplate = {
  id: 'weekly-digest',
  head: {
    name: 'Weekly digest',
    description: 'What happened in a week, one block for each piece of news.',
    topic: 'digest',
    locale: 'en',
  },
  draft: {
    variables: [
      appName,
      variable('week.from', 'date', '2026-02-23'),
      variable('week.url', 'string', 'https://app.example/news'),
      variable('news', 'list', [
        { title: 'Ada joined your team', url: 'https://app.example/news/1', text: 'Say hello.' },
        { title: 'Three tasks are done', url: 'https://app.example/news/2', text: 'Two are left.' },
      ]),
    ],
    content: {
      email: {
        subject: 'Your week at {{ app.name }}: {{ news.size }} pieces of news',
        preheader: '{{ news.first.title }}',
        format: 'mjml',
        body: layout({
          blocks: [
            heading('Your week'),
            text(`Hello ${firstName('there')}, this is the week of {{ week.from | date: "long" }}.`),
            raw('{% for piece in news %}'),
            text(
              '<a href="{{ piece.url }}" style="font-weight:600">{{ piece.title }}</a><br />{{ piece.text }}',
            ),
            raw('{% else %}'),
            text('It was a quiet week.'),
            raw('{% endfor %}'),
            button('See everything', '{{ week.url }}'),
          ],
          footer: 'You have this message once a week because you asked {{ app.name }} for it.',
        }),
      },
      push: {
        title: 'Your week at {{ app.name }}',
        body: '{{ news.first.title }}{% if news.size > 1 %} and {{ news.size | minus: 1 }} more{% endif %}',
        link: '{{ week.url }}',
      },
      sms: { body: '{{ app.name }}: {{ news.size }} pieces of news this week. {{ week.url }}' },
      inapp: {
        title: 'Your week',
        body: '{% for piece in news limit: 3 %}{{ piece.title }}\n{% endfor %}',
        link: '{{ week.url }}',
        display: { kind: 'inbox' },
      },
    },
    locales: {},
  },
};
