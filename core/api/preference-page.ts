/** The page behind an unsubscribe link: a button, and the reader's choices. Pure; no script. */
import { type Topic, type UserPreferences, userChannels } from '../model/user.ts';

export interface PreferencePage {
  /** As the reader knows themself. */
  readonly user: string;
  /** What the link is about; null: everything. */
  readonly topic: string | null;
  readonly topics: readonly Topic[];
  /** Null: nothing is known of the reader yet. */
  readonly preferences: UserPreferences | null;
  /** What was just done. */
  readonly done: string | null;
}

const channelNames = { email: 'Email', push: 'Push notifications', sms: 'SMS', inapp: 'In the app' } as const;

export function preferencePage({ user, topic, topics, preferences, done }: PreferencePage): string {
  const about = topic === null ? null : (topics.find(({ id }) => id === topic)?.name ?? topic);
  const isOut =
    preferences?.unsubscribed === true || (topic !== null && preferences?.topics[topic] === false);
  const what = about === null ? 'all messages that are not required' : `“${about}”`;
  const optional = topics.filter(({ required }) => !required);
  return whole(
    'Message preferences',
    `<p class="who">${escaped(user)}</p>
${done === null ? '' : `<p role="status" class="done">${escaped(done)}</p>`}
<form method="post"><input type="hidden" name="action" value="unsubscribe">
<p>${isOut ? `You do not get ${escaped(what)}.` : `Stop getting ${escaped(what)}?`}</p>
${isOut ? '' : '<button>Unsubscribe</button>'}</form>
<form method="post"><input type="hidden" name="action" value="save">
${optional.length === 0 ? '' : `<fieldset><legend>Topics</legend>${optional.map((one) => topicRow(one, preferences)).join('')}</fieldset>`}
<fieldset><legend>Ways to reach you</legend>${userChannels
      .map((channel) =>
        box(`channel.${channel}`, channelNames[channel], preferences?.channels[channel] !== false, null),
      )
      .join('')}</fieldset>
<fieldset><legend>Everything</legend>${box('unsubscribed', 'Only what is required', preferences?.unsubscribed === true, null)}</fieldset>
<button>Save</button></form>`,
  );
}

export function unknownLinkPage(): string {
  return whole('This link leads nowhere', '<p>It was not made here, or its data folder is another one.</p>');
}

function topicRow({ id, name, description, usual }: Topic, preferences: UserPreferences | null): string {
  const said = preferences?.topics[id];
  const wanted = said === undefined ? usual === 'in' : said !== false;
  return box(`topic.${id}`, name, wanted, description);
}

function box(name: string, label: string, checked: boolean, hint: string | null): string {
  const hinted = hint === null ? '' : ` <small>${escaped(hint)}</small>`;
  return `<label><input type="checkbox" name="${escaped(name)}"${checked ? ' checked' : ''}> ${escaped(label)}${hinted}</label>`;
}

function whole(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}
fieldset{border:1px solid #8886;border-radius:6px;margin:1rem 0}label{display:block;padding:.2rem 0}
.who{opacity:.7}.done{padding:.5rem .75rem;border:1px solid #2b8a3e;border-radius:6px}
button{font:inherit;padding:.4rem 1rem}small{opacity:.7}
</style></head><body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
