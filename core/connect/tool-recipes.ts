import { code } from './recipe-text.ts';
import { anyPassword, type Recipe, type RecipeDoor } from './recipes.ts';

export function toolRecipes(door: RecipeDoor): readonly Recipe[] {
  return [
    environment(door),
    curl(door),
    swaks(door),
    msmtp(door),
    postfix(door),
    dockerCompose(door),
    trustedTls(door),
  ];
}

const environment = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'environment',
  title: 'Environment variables',
  group: 'tool',
  language: 'ini',
  code: code(
    `SMTP_HOST=${host}`,
    `SMTP_PORT=${port}`,
    `SMTP_USER=${user ?? ''}`,
    `SMTP_PASS=${user === null ? '' : anyPassword}`,
    'SMTP_SECURE=false',
    `SMTP_URL=smtp://${user === null ? '' : `${encodeURIComponent(user)}:${anyPassword}@`}${host}:${port}`,
  ),
  note: 'For apps that read their mail settings from the environment. The names differ from app to app; sandpost env prints them for a shell.',
});

const curl = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'curl',
  title: 'curl',
  group: 'tool',
  language: 'shell',
  code: code(
    "printf 'From: app@example.com\\r\\nTo: jane@example.com\\r\\nSubject: Hello\\r\\n\\r\\nHello from curl\\r\\n' |",
    `  curl --url smtp://${host}:${port} ${user === null ? '' : `--user ${user}:${anyPassword} `}\\`,
    '    --mail-from app@example.com --mail-rcpt jane@example.com --upload-file -',
  ),
  note: '',
});

const swaks = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'swaks',
  title: 'swaks',
  group: 'tool',
  language: 'shell',
  code: code(
    `swaks --server ${host}:${port} \\`,
    user === null ? null : `  --auth PLAIN --auth-user ${user} --auth-password ${anyPassword} \\`,
    '  --from app@example.com --to jane@example.com \\',
    "  --header 'Subject: Hello' --body 'Hello from swaks'",
  ),
  note: '',
});

const msmtp = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'msmtp',
  title: 'msmtp',
  group: 'tool',
  language: 'ini',
  code: code(
    '# ~/.msmtprc',
    'account sandpost',
    `host ${host}`,
    `port ${port}`,
    'from app@example.com',
    'tls off',
    'tls_starttls off',
    user === null ? 'auth off' : 'auth plain',
    user === null ? null : `user ${user}`,
    user === null ? null : `password ${anyPassword}`,
    '',
    'account default : sandpost',
  ),
  note: 'The file must not be readable by others: chmod 600 ~/.msmtprc.',
});

const postfix = ({ host, port }: RecipeDoor): Recipe => ({
  id: 'postfix',
  title: 'Postfix relayhost',
  group: 'tool',
  language: 'ini',
  code: code(
    '# /etc/postfix/main.cf',
    `relayhost = [${host}]:${port}`,
    'smtp_tls_security_level = none',
    'smtp_sasl_auth_enable = no',
    '# Without this, mail to the machine’s own domain never reaches the relay:',
    'mydestination =',
  ),
  note: 'Run postfix reload afterwards. The brackets keep Postfix from looking for an MX record.',
});

const dockerCompose = ({ port, user }: RecipeDoor): Recipe => ({
  id: 'docker-compose',
  title: 'Docker Compose',
  group: 'tool',
  language: 'yaml',
  code: code(
    'services:',
    '  app:',
    '    environment:',
    '      SMTP_HOST: host.docker.internal',
    `      SMTP_PORT: "${port}"`,
    user === null ? null : `      SMTP_USER: ${user}`,
    user === null ? null : `      SMTP_PASS: ${anyPassword}`,
    '    extra_hosts:',
    '      - "host.docker.internal:host-gateway"',
  ),
  note: 'For an app in a container and the core on the machine. On Linux start the core with --host 0.0.0.0: a container does not reach 127.0.0.1 of its host.',
});

const trustedTls = ({ caFile }: RecipeDoor): Recipe => ({
  id: 'tls',
  title: 'Clients that insist on TLS',
  group: 'tool',
  language: 'shell',
  code: code(
    '# The doors with TLS have a certificate of the sandbox’s own authority. Let the client trust it:',
    `export NODE_EXTRA_CA_CERTS="${caFile}"   # Node.js`,
    `export SSL_CERT_FILE="${caFile}"         # OpenSSL, Go, Ruby, Python`,
    `curl --cacert "${caFile}" …`,
  ),
  note: 'SSL_CERT_FILE replaces the system’s list in that shell, so use it for the app under test only.',
});
