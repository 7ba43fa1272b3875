/** Settings for in-app messages: the client in a page, what the app's backend hands in, and the hash that says who is who. */
import { at } from './environment.ts';
import { code } from './recipe-text.ts';
import type { Recipe } from './recipes.ts';

/** @param about `providers`: the plain door, which has in-app messages too @returns nothing where it is closed */
export function inAppRecipes(about: {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
}): readonly Recipe[] {
  const { providers } = about.ports;
  if (providers === undefined) return [];
  const base = `http://${at(about.host, providers)}`;
  return [
    script(base),
    npm(base),
    react(base),
    vue(base),
    curl(base),
    node(base),
    python(base),
    go(base),
    php(base),
    pull(base),
    hashNode,
    hashPython,
    hashRuby,
    hashPhp,
  ];
}

const inapp = { group: 'inapp' } as const;
const shown =
  'Shows pop-ups, banners and slots, tells what was seen and clicked, and resumes after the net was gone. /inapp/demo is a page that does.';
const anyKey =
  'Any key will do, and none, until requireKey is on (PUT /v1/inapp/settings); GET /v1/inapp/settings shows them.';
const anySecret =
  'Any key will do, and none, until requireKey or requireHash is on (PUT /v1/inapp/settings); then it is the secret key, which GET /v1/inapp/secret-key shows.';
const waits = 'It waits for the user until the app pulls; the room In-app shows who waits for what.';
const hashed =
  'In the backend alone: the secret key never belongs into a page. GET /v1/inapp/secret-key shows it; keep it as SANDPOST_INAPP_SECRET. Hand the result to the client as userHash; requireHash (PUT /v1/inapp/settings) refuses whoever has none.';

const script = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-script',
  title: 'In a page, by a script tag',
  language: 'html',
  code: code(
    '<div id="inbox"></div>',
    `<script src="${base}/inapp/v1/client.js"></script>`,
    '<script>',
    `  const inapp = SandpostInApp.createInApp({ url: '${base}', user: 'anna', style: true });`,
    "  inapp.mountInbox(document.getElementById('inbox'));",
    '  inapp.start();',
    '</script>',
  ),
  note: `${shown} ${anyKey}`,
});

const npm = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-npm',
  title: 'In a web app, from npm',
  language: 'javascript',
  code: code(
    '// npm install --save-dev sandpost',
    "import { createInApp } from 'sandpost/inapp';",
    '',
    'const inapp = createInApp({',
    `  url: '${base}',`,
    "  user: 'anna',        // the app's own id of who is signed in",
    "  // key: 'pk_…', userHash: '…',",
    '});',
    "inapp.on('change', ({ unread }) => console.log(unread, 'unread'));",
    'inapp.start();',
    "inapp.track('cart.opened', { total: 42 });   // messages with that trigger may answer",
  ),
  note: `${shown} ${anyKey}`,
});

const react = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-react',
  title: 'In React',
  language: 'jsx',
  code: code(
    "import { useEffect, useRef, useState } from 'react';",
    "import { createInApp } from 'sandpost/inapp';",
    '',
    'export function Inbox({ user, userHash }) {',
    '  const list = useRef(null);',
    '  const [unread, setUnread] = useState(0);',
    '  useEffect(() => {',
    `    const inapp = createInApp({ url: '${base}', user, userHash, style: true });`,
    "    inapp.on('change', (counts) => setUnread(counts.unread));",
    '    const takeAway = inapp.mountInbox(list.current);',
    '    inapp.start();',
    '    return () => {',
    '      takeAway();',
    '      inapp.stop();',
    '    };',
    '  }, [user, userHash]);',
    '  return (',
    '    <details>',
    '      <summary>Inbox ({unread})</summary>',
    '      <div ref={list} />',
    '    </details>',
    '  );',
    '}',
  ),
  note: `${shown} Pop-ups and banners show by themselves; <div ref={…} /> with mountSlot has room for inline ones.`,
});

const vue = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-vue',
  title: 'In Vue',
  language: 'html',
  code: code(
    '<script setup>',
    "import { onMounted, onUnmounted, ref } from 'vue';",
    "import { createInApp } from 'sandpost/inapp';",
    '',
    "const props = defineProps(['user', 'userHash']);",
    'const list = ref(null);',
    'const unread = ref(0);',
    'let inapp;',
    'onMounted(() => {',
    `  inapp = createInApp({ url: '${base}', user: props.user, userHash: props.userHash, style: true });`,
    "  inapp.on('change', (counts) => (unread.value = counts.unread));",
    '  inapp.mountInbox(list.value);',
    '  inapp.start();',
    '});',
    'onUnmounted(() => inapp?.stop());',
    '</script>',
    '',
    '<template>',
    '  <details><summary>Inbox ({{ unread }})</summary><div ref="list" /></details>',
    '</template>',
  ),
  note: shown,
});

const message = '{"user":"anna","title":"Your order","body":"It is on its way.","display":{"kind":"banner"}}';

const curl = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-curl',
  title: 'Backend: hand one in with curl',
  language: 'shell',
  code: code(
    `curl '${base}/inapp/v1/messages' \\`,
    "  -H 'Authorization: Bearer any-secret' -H 'Content-Type: application/json' \\",
    `  -d '${message}'`,
  ),
  note: `${waits} ${anySecret}`,
});

const node = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-node',
  title: 'Backend: hand one in with Node.js',
  language: 'javascript',
  code: code(
    `const answer = await fetch('${base}/inapp/v1/messages', {`,
    "  method: 'POST',",
    '  headers: {',
    "    authorization: 'Bearer any-secret',",
    "    'content-type': 'application/json',",
    "    'idempotency-key': crypto.randomUUID(),",
    '  },',
    '  body: JSON.stringify({',
    "    user: 'anna',",
    "    title: 'Your order',",
    "    body: 'It is on its way.',",
    "    actions: [{ label: 'Track it', url: '/orders/4711' }],",
    "    display: { kind: 'modal', frequency: 'untilDismissed' },",
    '  }),',
    '});',
    'console.log(answer.status, await answer.json());',
  ),
  note: `${waits} ${anySecret}`,
});

const python = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-python',
  title: 'Backend: hand one in with Python',
  language: 'python',
  code: code(
    'import json, urllib.request',
    '',
    'request = urllib.request.Request(',
    `    "${base}/inapp/v1/messages",`,
    '    headers={"Authorization": "Bearer any-secret", "Content-Type": "application/json"},',
    '    data=json.dumps({',
    '        "user": "anna",',
    '        "title": "Your order",',
    '        "body": "It is on its way.",',
    '    }).encode(),',
    ')',
    'with urllib.request.urlopen(request) as answer:',
    '    print(answer.status, json.load(answer))',
  ),
  note: `${waits} ${anySecret}`,
});

const go = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-go',
  title: 'Backend: hand one in with Go',
  language: 'go',
  code: code(
    'package main',
    '',
    'import (',
    '\t"fmt"',
    '\t"net/http"',
    '\t"strings"',
    ')',
    '',
    'func main() {',
    `\tbody := strings.NewReader(\`${message}\`)`,
    `\trequest, _ := http.NewRequest("POST", "${base}/inapp/v1/messages", body)`,
    '\trequest.Header.Set("Authorization", "Bearer any-secret")',
    '\trequest.Header.Set("Content-Type", "application/json")',
    '\tanswer, err := http.DefaultClient.Do(request)',
    '\tif err != nil {',
    '\t\tpanic(err)',
    '\t}',
    '\tdefer answer.Body.Close()',
    '\tfmt.Println(answer.Status)',
    '}',
  ),
  note: `${waits} ${anySecret}`,
});

const php = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-php',
  title: 'Backend: hand one in with PHP',
  language: 'php',
  code: code(
    '<?php',
    `$answer = file_get_contents('${base}/inapp/v1/messages', false, stream_context_create([`,
    "    'http' => [",
    "        'method' => 'POST',",
    "        'header' => ['Authorization: Bearer any-secret', 'Content-Type: application/json'],",
    "        'content' => json_encode([",
    "            'user' => 'anna',",
    "            'title' => 'Your order',",
    "            'body' => 'It is on its way.',",
    '        ]),',
    '    ],',
    ']));',
    'echo $answer;',
  ),
  note: `${waits} ${anySecret}`,
});

const pull = (base: string): Recipe => ({
  ...inapp,
  id: 'inapp-pull',
  title: 'A client of your own: pull, and ask what to display',
  language: 'shell',
  code: code(
    `curl -i '${base}/inapp/v1/users/anna/messages?limit=20'   # its ETag as If-None-Match: 304 while nothing is new`,
    `curl '${base}/inapp/v1/users/anna/eligible?url=/cart&session=s1'   # what to show there, and why not the others`,
  ),
  note: 'PUT …/messages/:id/seen is an impression; …/interacted a click; …/dismissed takes it away. Realtime: /inapp/v1/ws, or /inapp/v1/stream.',
});

const hashNode: Recipe = {
  ...inapp,
  id: 'inapp-hash-node',
  title: 'Hash of the user’s id in Node.js',
  language: 'javascript',
  code: code(
    "import { createHmac } from 'node:crypto';",
    '',
    "const secretKey = process.env.SANDPOST_INAPP_SECRET ?? 'sk_secret';",
    "const userHash = createHmac('sha256', secretKey).update('anna').digest('hex');",
    'console.log(userHash);',
  ),
  note: hashed,
};

const hashPython: Recipe = {
  ...inapp,
  id: 'inapp-hash-python',
  title: 'Hash of the user’s id in Python',
  language: 'python',
  code: code(
    'import hashlib, hmac, os',
    '',
    'secret_key = os.environ.get("SANDPOST_INAPP_SECRET", "sk_secret")',
    'user_hash = hmac.new(secret_key.encode(), b"anna", hashlib.sha256).hexdigest()',
    'print(user_hash)',
  ),
  note: hashed,
};

const hashRuby: Recipe = {
  ...inapp,
  id: 'inapp-hash-ruby',
  title: 'Hash of the user’s id in Ruby',
  language: 'ruby',
  code: code(
    "require 'openssl'",
    '',
    "secret_key = ENV.fetch('SANDPOST_INAPP_SECRET', 'sk_secret')",
    "user_hash = OpenSSL::HMAC.hexdigest('SHA256', secret_key, 'anna')",
    'puts user_hash',
  ),
  note: hashed,
};

const hashPhp: Recipe = {
  ...inapp,
  id: 'inapp-hash-php',
  title: 'Hash of the user’s id in PHP',
  language: 'php',
  code: code(
    '<?php',
    "$secretKey = getenv('SANDPOST_INAPP_SECRET') ?: 'sk_secret';",
    "$userHash = hash_hmac('sha256', 'anna', $secretKey);",
    'echo $userHash;',
  ),
  note: hashed,
};
