import { button, heading, layout, text } from './layout.ts';
import { appName, firstName, type StarterTemplate, variable } from './starter.ts';

export const shipped: StarterTemplate = {
  id: 'shipped',
  head: { name: 'Shipped', description: 'A parcel is on its way.', topic: null, locale: 'en' },
  draft: {
    variables: [
      appName,
      variable('order.id', 'string', 'A-1042'),
      variable('parcel.carrier', 'string', 'Post'),
      variable('parcel.url', 'string', 'https://post.example/t/42'),
      variable('parcel.arrivesOn', 'date', '2026-03-04', false),
    ],
    content: {
      email: {
        subject: 'Order {{ order.id }} is on its way',
        preheader:
          '{% if parcel.arrivesOn %}It arrives on {{ parcel.arrivesOn | date: "full" }}.{% else %}Follow it here.{% endif %}',
        format: 'mjml',
        body: layout({
          blocks: [
            heading('Your parcel is on its way'),
            text(
              `Hello ${firstName('there')}, {{ parcel.carrier }} has your order {{ order.id }}.{% if parcel.arrivesOn %} It arrives on <b>{{ parcel.arrivesOn | date: "full" }}</b>.{% endif %}`,
            ),
            button('Follow the parcel', '{{ parcel.url }}'),
          ],
          footer: 'You have this message because you ordered from {{ app.name }}.',
        }),
      },
      push: {
        title: 'Order {{ order.id }} is on its way',
        body: '{% if parcel.arrivesOn %}It arrives on {{ parcel.arrivesOn | date: "medium" }}.{% else %}{{ parcel.carrier }} has it.{% endif %}',
        link: '{{ parcel.url }}',
      },
      sms: { body: '{{ app.name }}: order {{ order.id }} is on its way. Follow it: {{ parcel.url }}' },
      inapp: {
        title: 'Order {{ order.id }} is on its way',
        body: '{{ parcel.carrier }} has your parcel.',
        actions: [{ id: 'follow', label: 'Follow the parcel', url: '{{ parcel.url }}' }],
        display: { kind: 'inbox' },
      },
    },
    locales: {},
  },
};
