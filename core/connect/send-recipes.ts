/** The send API over several channels: one call, and a user is reached by whichever way works. */
import { code } from './recipe-text.ts';
import type { Recipe } from './recipes.ts';

/** @param url of the API @returns nothing where its door is closed */
export function sendRecipes({ url }: { readonly url: string }): readonly Recipe[] {
  if (url === '') return [];
  return [curl(url), node(url), python(url), user(url), template(url)];
}

const send = { group: 'send' } as const;
const goesOn =
  'The next channel is tried where one cannot deliver: no address, a dead token, a number that nobody has, a full mailbox. The journey of the message shows each step, and why.';
const channels = ['push', 'sms', 'email', 'inapp'];

const curl = (url: string): Recipe => ({
  ...send,
  id: 'send-curl',
  title: 'One send over several channels with curl',
  language: 'shell',
  code: code(
    `curl '${url}/v1/messages' -H 'Content-Type: application/json' -H "Idempotency-Key: order-4711" -d '{`,
    `  "channels": ${JSON.stringify(channels)},`,
    '  "from": "shop@example.com",',
    '  "to": [{ "user": "anna", "email": "anna@example.com", "phone": "+14155552671" }],',
    '  "content": {',
    '    "push": { "title": "Your order", "body": "It is on its way." },',
    '    "sms": { "body": "Your order is on its way." },',
    '    "email": { "subject": "Your order", "format": "html", "body": "<p>It is on its way.</p>" },',
    '    "inapp": { "title": "Your order", "body": "It is on its way." }',
    '  }',
    "}'",
  ),
  note: goesOn,
});

const node = (url: string): Recipe => ({
  ...send,
  id: 'send-node',
  title: 'One send over several channels with Node.js',
  language: 'javascript',
  code: code(
    `const answer = await fetch('${url}/v1/messages', {`,
    "  method: 'POST',",
    "  headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },",
    '  body: JSON.stringify({',
    `    channels: ${quoted(channels)},`,
    "    from: 'shop@example.com',",
    "    to: [{ user: 'anna', email: 'anna@example.com', phone: '+14155552671' }],",
    "    variables: { order: '4711' },",
    '    content: {',
    "      push: { title: 'Your order', body: 'Order {{ order }} is on its way.' },",
    "      sms: { body: 'Order {{ order }} is on its way.' },",
    "      email: { subject: 'Order {{ order }}', format: 'html', body: '<p>It is on its way.</p>' },",
    "      inapp: { title: 'Your order', body: 'Order {{ order }} is on its way.' },",
    '    },',
    '    fallback: { giveUpAfterSeconds: 600, unreadAfterSeconds: 3600 },',
    '  }),',
    '});',
    'console.log(answer.status, await answer.json());',
  ),
  note: `${goesOn} giveUpAfterSeconds: the next one when it was not delivered for so long; unreadAfterSeconds: the next one too when nobody read it.`,
});

const python = (url: string): Recipe => ({
  ...send,
  id: 'send-python',
  title: 'One send over several channels with Python',
  language: 'python',
  code: code(
    'import json, urllib.request',
    '',
    'request = urllib.request.Request(',
    `    "${url}/v1/messages",`,
    '    headers={"Content-Type": "application/json", "Idempotency-Key": "order-4712"},',
    '    data=json.dumps({',
    '        "channels": ["email", "inapp"],',
    '        "from": "shop@example.com",',
    '        "to": [{"user": "anna", "email": "anna@example.com"}],',
    '        "content": {',
    '            "email": {"subject": "Your order", "format": "html", "body": "<p>It is on its way.</p>"},',
    '            "inapp": {"title": "Your order", "body": "It is on its way."},',
    '        },',
    '    }).encode(),',
    ')',
    'with urllib.request.urlopen(request) as answer:',
    '    print(answer.status, json.load(answer)["id"])',
  ),
  note: `${goesOn} Each channel that is named needs content of its own, or a template that has it.`,
});

const user = (url: string): Recipe => ({
  ...send,
  id: 'send-user',
  title: 'Keep a user with addresses and preferences',
  language: 'shell',
  code: code(
    `curl -X PUT '${url}/v1/users/anna' -H 'Content-Type: application/json' -d '{`,
    '  "name": "Anna", "email": "anna@example.com", "phone": "+14155552671", "locale": "en",',
    '  "attributes": { "plan": "pro" }',
    "}'",
  ),
  note: 'A send then only names the user. Preferences, topics and unsubscribes are respected: what is not wanted ends as filtered or unsubscribed.',
});

const template = (url: string): Recipe => ({
  ...send,
  id: 'send-template',
  title: 'Make a template, publish it, and send it to a user',
  language: 'shell',
  code: code(
    `curl '${url}/v1/templates' -H 'Content-Type: application/json' -d '{ "id": "order-shipped", "starter": "shipped" }'`,
    `curl -X POST '${url}/v1/templates/order-shipped/publish'`,
    `curl '${url}/v1/messages' -H 'Content-Type: application/json' -d '{`,
    `  "channels": ${JSON.stringify(channels)}, "from": "shop@example.com",`,
    '  "to": [{ "user": "anna", "email": "anna@example.com" }],',
    '  "template": "order-shipped", "variables": {',
    '    "app": { "name": "Shop" }, "order": { "id": "A-1042" },',
    '    "parcel": { "carrier": "Post", "url": "https://post.example/t/42" }',
    '  }',
    "}'",
    '# or: sandpost send --channels push,sms,email,inapp --to anna --template order-shipped --var app.name=Shop \\',
    '#       --var order.id=A-1042 --var parcel.carrier=Post --var parcel.url=https://post.example/t/42',
  ),
  note: 'The room Templates edits and previews them. One that is not published is not sent, and says so; GET /v1/templates/starters lists what to begin with.',
});

function quoted(list: readonly string[]): string {
  return `[${list.map((one) => `'${one}'`).join(', ')}]`;
}
