import { button, heading, layout, text } from './layout.ts';
import { appName, type StarterTemplate, variable } from './starter.ts';

const items = `<mj-table padding="8px 24px" font-size="16px" line-height="28px">
  <tr style="border-bottom:1px solid #d5dbe1;text-align:left"><th>Item</th><th style="text-align:right">Amount</th></tr>
  {% for item in order.items %}
  <tr><td>{{ item.quantity }} × {{ item.name }}</td><td style="text-align:right">{{ item.amount | money: order.currency }}</td></tr>
  {% endfor %}
  <tr style="border-top:1px solid #d5dbe1;font-weight:600"><td>Total</td><td style="text-align:right">{{ order.total | money: order.currency }}</td></tr>
</mj-table>`;

export const receipt: StarterTemplate = {
  id: 'receipt',
  head: {
    name: 'Receipt',
    description: 'What was bought, with a table of items.',
    topic: null,
    locale: 'en',
  },
  draft: {
    variables: [
      appName,
      variable('order.id', 'string', 'A-1042'),
      variable('order.url', 'string', 'https://app.example/orders/A-1042'),
      variable('order.paidAt', 'date', '2026-03-01T10:30:00Z'),
      variable('order.currency', 'string', 'EUR'),
      variable('order.total', 'number', 74.9),
      variable('order.items', 'list', [
        { name: 'Tea, green', quantity: 2, amount: 24.9 },
        { name: 'Pot', quantity: 1, amount: 50 },
      ]),
    ],
    content: {
      email: {
        subject: 'Your receipt for order {{ order.id }}',
        preheader: '{{ order.total | money: order.currency }}, paid on {{ order.paidAt | date: "long" }}',
        format: 'mjml',
        body: layout({
          blocks: [
            heading('Thank you for your order'),
            text('Order {{ order.id }}, paid on {{ order.paidAt | date: "long" }}.'),
            items,
            button('See the order', '{{ order.url }}'),
          ],
          footer: 'Keep this message: it is your receipt from {{ app.name }}.',
        }),
      },
      push: {
        title: 'Order {{ order.id }} is paid',
        body: '{{ order.total | money: order.currency }}. Thank you!',
        link: '{{ order.url }}',
      },
      sms: {
        body: '{{ app.name }}: order {{ order.id }} is paid, {{ order.total | number: 2 }} {{ order.currency }}. {{ order.url }}',
      },
      inapp: {
        title: 'Order {{ order.id }} is paid',
        body: '{{ order.items.size }} items, {{ order.total | money: order.currency }}.',
        link: '{{ order.url }}',
        display: { kind: 'inbox' },
      },
    },
    locales: {},
  },
};
