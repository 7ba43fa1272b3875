import { at, preloadOption } from './environment.ts';
import { code } from './recipe-text.ts';
import type { Recipe } from './recipes.ts';
import { type KitFiles, kitFiles } from './redirect-kit.ts';

/** Where the doors of the push providers are. */
export interface PushDoors {
  readonly host: string;
  readonly providers: number;
  readonly tls: number;
  readonly proxy: number;
  readonly apns: number;
  readonly apnsManage: number;
  readonly metadata: number;
  readonly caFile: string;
  /** Of the API: where phones are made. */
  readonly url: string;
  readonly files: KitFiles;
}

/**
 * Settings for the SDKs of push providers, each by the way that changes the app least: an address where the SDK takes one,
 * else the preload (Node) or the proxy.
 *
 * @returns an empty list while one of the doors is closed
 */
export function pushRecipes(about: {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly caFile: string;
  readonly url: string;
}): readonly Recipe[] {
  const { providers, tls, proxy, apns, apnsManage, metadata } = about.ports;
  if (
    providers === undefined ||
    tls === undefined ||
    proxy === undefined ||
    apns === undefined ||
    apnsManage === undefined ||
    metadata === undefined
  )
    return [];
  const { host, caFile, url } = about;
  const doors: PushDoors = {
    host,
    providers,
    tls,
    proxy,
    apns,
    apnsManage,
    metadata,
    caFile,
    url,
    files: kitFiles(caFile),
  };
  return [
    nodePreload(doors),
    connectProxy(doors),
    nodeApn(doors),
    apns2(doors),
    firebaseNode(doors),
    firebasePython(doors),
    firebaseJava(doors),
    firebaseGo(doors),
    firebaseDotnet(doors),
    googleApis(doors),
    googleAuth(doors),
    webPush(doors),
    pywebpush(doors),
    webPushPhp(doors),
    curlApns(doors),
    curlFcm(doors),
  ];
}

const push = { group: 'push' } as const;
const aToken =
  'Any token will do: a phone is made for one that nobody knows. In the Phones room a phone can be made beforehand.';
const aKey =
  'Your own key (AuthKey.p8) will do, or one that Settings, Push makes: its signatures are then checked too.';
const anAccount =
  'Any service account will do; Settings, Push makes one, for where you have none or only known ones are let in.';
const googleToo =
  'oauth2.googleapis.com gives tokens to other Google services too: an app that calls those as well gets tokens there that only Sandpost knows.';

const nodePreload = ({ files, caFile }: PushDoors): Recipe => ({
  ...push,
  id: 'node-preload',
  title: 'Any Node.js app, unchanged',
  language: 'shell',
  code: code(
    `export NODE_OPTIONS='${preloadOption(files.preload)}'`,
    `export NODE_EXTRA_CA_CERTS='${caFile}'`,
    'node app.js',
  ),
  note: 'Leads connections to APNs, FCM, push services and SMS providers here, and no others; for apns2, firebase-admin, web-push and the like. sandpost env --way node prints it for your shell. SANDPOST_REDIRECT_LOG=1 tells each connection that is led here.',
});

const connectProxy = ({ host, proxy, files, caFile }: PushDoors): Recipe => ({
  ...push,
  id: 'connect-proxy',
  title: 'Any app that reads HTTPS_PROXY',
  language: 'shell',
  code: code(
    `export HTTPS_PROXY=http://${at(host, proxy)}`,
    'export NO_PROXY=localhost,127.0.0.1',
    `export SSL_CERT_FILE='${files.caBundle}'        # Go, Ruby, PHP, .NET on Linux`,
    `export REQUESTS_CA_BUNDLE='${files.caBundle}'   # Python requests`,
    `export CURL_CA_BUNDLE='${files.caBundle}'       # curl`,
    'export NODE_USE_ENV_PROXY=1   # Node.js 24 and later',
    `export NODE_EXTRA_CA_CERTS='${caFile}'`,
  ),
  note: 'Providers end here; every other destination is refused with 403, unless a setting lets it through. HTTP/2 of Node takes no proxy (apns2, sendEach of firebase-admin): those are led here by the preload. The bundle has the system’s roots too, for these variables replace them. sandpost env --way proxy prints it for your shell.',
});

const nodeApn = ({ host, apns, apnsManage, caFile }: PushDoors): Recipe => ({
  ...push,
  id: 'node-apn',
  title: 'APNs with @parse/node-apn',
  language: 'javascript',
  code: code(
    "import { readFileSync } from 'node:fs';",
    "import apn from '@parse/node-apn';",
    '',
    'const provider = new apn.Provider({',
    "  token: { key: 'AuthKey.p8', keyId: 'KEY1234567', teamId: 'TEAM123456' },",
    `  address: '${host}',`,
    `  port: ${apns},`,
    `  manageChannelsAddress: '${host}',`,
    `  manageChannelsPort: ${apnsManage},`,
    `  ca: readFileSync('${slashes(caFile)}'),`,
    '});',
    "const notification = new apn.Notification({ alert: 'Hello', topic: 'com.example.shop' });",
    `const { sent, failed } = await provider.send(notification, '${deviceToken}');`,
    'console.log(sent, failed);',
    'await provider.shutdown();',
  ),
  note: `${aKey} ${aToken}`,
});

const apns2 = ({ files }: PushDoors): Recipe => ({
  ...push,
  id: 'apns2',
  title: 'APNs with apns2',
  language: 'shell',
  code: code(
    '# apns2 always calls api.push.apple.com: the preload leads it here.',
    `NODE_OPTIONS='${preloadOption(files.preload)}' node app.js`,
  ),
  note: `${aKey} ${aToken}`,
});

const firebaseNode = ({ files }: PushDoors): Recipe => ({
  ...push,
  id: 'firebase-admin',
  title: 'FCM with firebase-admin (Node.js)',
  language: 'shell',
  code: code(
    '# firebase-admin always calls fcm.googleapis.com: the preload leads it here.',
    `NODE_OPTIONS='${preloadOption(files.preload)}' node app.js`,
  ),
  note: `${anAccount} ${googleToo}`,
});

const firebasePython = ({ host, proxy, files }: PushDoors): Recipe => ({
  ...push,
  id: 'firebase-admin-python',
  title: 'FCM with firebase-admin (Python)',
  language: 'shell',
  code: code(
    `export HTTPS_PROXY=http://${at(host, proxy)}`,
    `export REQUESTS_CA_BUNDLE='${files.caBundle}'`,
    'python app.py',
  ),
  note: `send_each_async and send_each_for_multicast_async take no proxy and go out to Google: use send_each while you try things out. ${googleToo}`,
});

const firebaseJava = ({ host, proxy, caFile }: PushDoors): Recipe => ({
  ...push,
  id: 'firebase-admin-java',
  title: 'FCM with firebase-admin (Java)',
  language: 'shell',
  code: code(
    '# Java has a trust store of its own: a copy of it, with Sandpost in it.',
    'cp "$JAVA_HOME/lib/security/cacerts" sandpost.jks',
    `keytool -importcert -noprompt -alias sandpost -file '${caFile}' -keystore sandpost.jks -storepass changeit`,
    '',
    'java -Djavax.net.ssl.trustStore=sandpost.jks -Djavax.net.ssl.trustStorePassword=changeit \\',
    `  -Dhttps.proxyHost=${host} -Dhttps.proxyPort=${proxy} -Dhttp.nonProxyHosts='localhost|127.*' -jar app.jar`,
  ),
  note: `Works for every SDK on the JVM that reads these properties. ${googleToo}`,
});

const firebaseGo = ({ host, proxy, files }: PushDoors): Recipe => ({
  ...push,
  id: 'firebase-admin-go',
  title: 'FCM with firebase-admin (Go)',
  language: 'shell',
  code: code(
    `export HTTPS_PROXY=http://${at(host, proxy)}`,
    `export SSL_CERT_FILE='${files.caBundle}'   # Linux; macOS and Windows read their own store`,
    'go run .',
  ),
  note: googleToo,
});

const firebaseDotnet = ({ host, proxy, files }: PushDoors): Recipe => ({
  ...push,
  id: 'firebase-admin-dotnet',
  title: 'FCM with FirebaseAdmin (.NET)',
  language: 'shell',
  code: code(
    `export HTTPS_PROXY=http://${at(host, proxy)}`,
    `export SSL_CERT_FILE='${files.caBundle}'   # Linux; macOS and Windows read their own store`,
    'dotnet run',
  ),
  note: googleToo,
});

const googleApis = ({ host, providers, metadata }: PushDoors): Recipe => ({
  ...push,
  id: 'googleapis-fcm',
  title: 'FCM with @googleapis/fcm',
  language: 'javascript',
  code: code(
    `// GCE_METADATA_HOST=${at(host, metadata)} METADATA_SERVER_DETECTION=assume-present node app.js`,
    "import { auth, fcm } from '@googleapis/fcm';",
    '',
    'const client = fcm({',
    "  version: 'v1',",
    `  rootUrl: 'http://${at(host, providers)}/fcm/',`,
    "  auth: new auth.GoogleAuth({ scopes: 'https://www.googleapis.com/auth/firebase.messaging' }),",
    '});',
    'const { data } = await client.projects.messages.send({',
    "  parent: 'projects/shop',",
    "  requestBody: { message: { token: 'token-1', notification: { title: 'Hello' } } },",
    '});',
    'console.log(data.name);',
  ),
  note: `The credentials are those of the metadata server: see google-auth-library. An OAuth2 client with any access token does as well. ${aToken}`,
});

const googleAuth = ({ host, metadata }: PushDoors): Recipe => ({
  ...push,
  id: 'google-auth-library',
  title: 'Google credentials without a key',
  language: 'shell',
  code: code(
    `export GCE_METADATA_HOST=${at(host, metadata)}`,
    'export METADATA_SERVER_DETECTION=assume-present',
  ),
  note: 'Sandpost stands in for the metadata server of Google Cloud: google-auth-library and the other languages’ libraries get a token of the sandbox there, by plain HTTP. A GOOGLE_APPLICATION_CREDENTIALS that is set goes before it.',
});

const webPush = ({ url, caFile, files }: PushDoors): Recipe => ({
  ...push,
  id: 'web-push',
  title: 'Web Push with web-push (Node.js)',
  language: 'javascript',
  code: code(
    `// NODE_EXTRA_CA_CERTS='${caFile}' node app.js`,
    "import webpush from 'web-push';",
    '',
    '// A browser that subscribes, as one of the Phones room.',
    'const post = async (path, body) =>',
    `  (await fetch('${url}/v1/phones' + path, {`,
    "    method: 'POST',",
    "    headers: { 'content-type': 'application/json' },",
    '    body: JSON.stringify(body),',
    '  })).json();',
    "const { id } = await post('', { platform: 'browser' });",
    "const { subscription } = await post('/' + id + '/register', { app: 'https://shop.example' });",
    '',
    'const { publicKey, privateKey } = webpush.generateVAPIDKeys(); // or those of your app',
    "webpush.setVapidDetails('mailto:app@example.com', publicKey, privateKey);",
    "const { statusCode } = await webpush.sendNotification(subscription, JSON.stringify({ title: 'Hello' }));",
    'console.log(statusCode);',
  ),
  note: `An endpoint at Mozilla, Google, Apple or Microsoft is led here by the preload: NODE_OPTIONS='${preloadOption(files.preload)}'. What is inside can only be read for browsers of the Phones room.`,
});

const pywebpush = ({ url, files }: PushDoors): Recipe => ({
  ...push,
  id: 'pywebpush',
  title: 'Web Push with pywebpush (Python)',
  language: 'python',
  code: code(
    `# REQUESTS_CA_BUNDLE='${files.caBundle}' python app.py`,
    'import requests',
    'from pywebpush import webpush',
    '',
    '# A browser that subscribes, as one of the Phones room.',
    `phones = "${url}/v1/phones"`,
    'browser = requests.post(phones, json={"platform": "browser"}).json()',
    'page = requests.post(f"{phones}/{browser[\'id\']}/register", json={"app": "https://shop.example"}).json()',
    '',
    'answer = webpush(',
    '    subscription_info=page["subscription"],',
    '    data=\'{"title": "Hello"}\',',
    '    vapid_private_key="private_key.pem",',
    '    vapid_claims={"sub": "mailto:app@example.com"},',
    '    ttl=3600,',
    ')',
    'print(answer.status_code)',
  ),
  note: `Any VAPID key will do: the one of your app, or one made by ${makeKey('private_key.pem')}.`,
});

const webPushPhp = ({ url, files }: PushDoors): Recipe => ({
  ...push,
  id: 'web-push-php',
  title: 'Web Push with minishlink/web-push (PHP)',
  language: 'php',
  code: code(
    '<?php',
    "require 'vendor/autoload.php';",
    'use Minishlink\\WebPush\\{Subscription, VAPID, WebPush};',
    '',
    '// A browser that subscribes, as one of the Phones room.',
    'function post(string $path, array $body): array {',
    "    $http = ['method' => 'POST', 'header' => 'Content-Type: application/json', 'content' => json_encode($body)];",
    `    return json_decode(file_get_contents('${url}/v1/phones' . $path, false, stream_context_create(['http' => $http])), true);`,
    '}',
    "$browser = post('', ['platform' => 'browser']);",
    "$page = post(\"/{$browser['id']}/register\", ['app' => 'https://shop.example']);",
    '',
    "$vapid = ['subject' => 'mailto:app@example.com', ...VAPID::createVapidKeys()]; // or those of your app",
    `$webPush = new WebPush(['VAPID' => $vapid], [], 30, ['verify' => '${slashes(files.caBundle)}']);`,
    "$subscription = Subscription::create([...$page['subscription'], 'contentEncoding' => 'aes128gcm']);",
    '$report = $webPush->sendOneNotification($subscription, \'{"title":"Hello"}\');',
    "echo $report->isSuccess() ? 'sent' : $report->getReason(), PHP_EOL;",
  ),
  note: 'What is inside can only be read for browsers of the Phones room.',
});

const curlApns = ({ host, apns, caFile }: PushDoors): Recipe => ({
  ...push,
  id: 'curl-apns',
  title: 'APNs with curl',
  language: 'shell',
  code: code(
    '# The token, as Apple’s page on command-line tools makes it.',
    'base64url() { openssl base64 -e -A | tr -- "+/" "-_" | tr -d =; }',
    'UNSIGNED="$(printf \'{"alg":"ES256","kid":"KEY1234567"}\' | base64url).$(printf \'{"iss":"TEAM123456","iat":%d}\' "$(date +%s)" | base64url)"',
    'JWT="$UNSIGNED.$(printf %s "$UNSIGNED" | openssl dgst -binary -sha256 -sign AuthKey.p8 | base64url)"',
    '',
    `curl --http2 --include --cacert '${caFile}' --connect-to api.push.apple.com:443:${at(host, apns)} \\`,
    '  --header "authorization: bearer $JWT" --header \'apns-topic: com.example.shop\' \\',
    '  --header \'apns-push-type: alert\' --data \'{"aps":{"alert":"Hello"}}\' \\',
    `  https://api.push.apple.com/3/device/${deviceToken}`,
  ),
  note: `${aKey} ${aToken}`,
});

const curlFcm = ({ host, providers }: PushDoors): Recipe => ({
  ...push,
  id: 'curl-fcm',
  title: 'FCM with curl',
  language: 'shell',
  code: code(
    `curl http://${at(host, providers)}/fcm/v1/projects/shop/messages:send \\`,
    "  --header 'authorization: Bearer any' --header 'content-type: application/json' \\",
    '  --data \'{"message":{"token":"token-1","notification":{"title":"Hello"}}}\'',
  ),
  note: aToken,
});

const deviceToken = '5'.repeat(64);

/** A key on the curve P-256 in PKCS #8, as Apple gives them out and VAPID takes them. */
function makeKey(file: string): string {
  return `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${file}`;
}

/** In source text a backslash of Windows would be an escape; its programs take both. */
function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
