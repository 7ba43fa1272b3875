import { code } from './recipe-text.ts';
import { anyPassword, type Recipe, type RecipeDoor } from './recipes.ts';

const noUser =
  'No user name or password is needed; any are taken. A user name sorts the mail into a project.';

export function frameworkRecipes(door: RecipeDoor): readonly Recipe[] {
  return [
    rails(door),
    django(door),
    laravel(door),
    symfony(door),
    spring(door),
    aspNet(door),
    wordPress(door),
    supabase(door),
  ];
}

const rails = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'rails',
  title: 'Ruby on Rails',
  group: 'framework',
  language: 'ruby',
  code: code(
    '# config/environments/development.rb',
    'config.action_mailer.delivery_method = :smtp',
    'config.action_mailer.perform_deliveries = true',
    'config.action_mailer.smtp_settings = {',
    `  address: "${host}",`,
    `  port: ${port},`,
    user === null ? null : `  user_name: "${user}",`,
    user === null ? null : `  password: "${anyPassword}",`,
    user === null ? null : '  authentication: :plain,',
    '  enable_starttls_auto: false',
    '}',
  ),
  note: noUser,
});

const django = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'django',
  title: 'Django',
  group: 'framework',
  language: 'python',
  code: code(
    '# settings.py',
    'EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"',
    `EMAIL_HOST = "${host}"`,
    `EMAIL_PORT = ${port}`,
    `EMAIL_HOST_USER = "${user ?? ''}"`,
    `EMAIL_HOST_PASSWORD = "${user === null ? '' : anyPassword}"`,
    'EMAIL_USE_TLS = False',
    'EMAIL_USE_SSL = False',
  ),
  note: noUser,
});

const laravel = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'laravel',
  title: 'Laravel',
  group: 'framework',
  language: 'ini',
  code: code(
    '# .env',
    'MAIL_MAILER=smtp',
    'MAIL_SCHEME=null',
    `MAIL_HOST=${host}`,
    `MAIL_PORT=${port}`,
    `MAIL_USERNAME=${user ?? 'null'}`,
    `MAIL_PASSWORD=${user === null ? 'null' : anyPassword}`,
    '# Before Laravel 11.31 instead of MAIL_SCHEME:',
    'MAIL_ENCRYPTION=null',
  ),
  note: 'When the configuration is cached, run php artisan config:clear.',
});

const symfony = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'symfony',
  title: 'Symfony Mailer',
  group: 'framework',
  language: 'ini',
  code: code(
    '# .env.local',
    `MAILER_DSN=smtp://${user === null ? '' : `${encodeURIComponent(user)}:${anyPassword}@`}${host}:${port}?auto_tls=false`,
  ),
  note: 'With Messenger, mail waits in its queue: run messenger:consume, or route SendEmailMessage to sync while developing. auto_tls is known since Symfony 7.1; older versions ignore it.',
});

const spring = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'spring',
  title: 'Spring Boot',
  group: 'framework',
  language: 'yaml',
  code: code(
    '# application-dev.yaml',
    'spring:',
    '  mail:',
    `    host: ${host}`,
    `    port: ${port}`,
    user === null ? null : `    username: ${user}`,
    user === null ? null : `    password: ${anyPassword}`,
    '    properties:',
    '      mail:',
    '        smtp:',
    `          auth: ${user !== null}`,
    '          starttls:',
    '            enable: false',
    '            required: false',
  ),
  note: 'Needs spring-boot-starter-mail.',
});

const aspNet = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'aspnet',
  title: 'ASP.NET with MailKit',
  group: 'framework',
  language: 'csharp',
  code: code(
    'using MailKit.Net.Smtp;',
    'using MailKit.Security;',
    'using MimeKit;',
    '',
    'var message = new MimeMessage();',
    'message.From.Add(new MailboxAddress("App", "app@example.com"));',
    'message.To.Add(new MailboxAddress("Jane", "jane@example.com"));',
    'message.Subject = "Hello";',
    'message.Body = new TextPart("plain") { Text = "Hello from ASP.NET" };',
    '',
    'using var client = new SmtpClient();',
    `await client.ConnectAsync("${host}", ${port}, SecureSocketOptions.None);`,
    user === null ? null : `await client.AuthenticateAsync("${user}", "${anyPassword}");`,
    'await client.SendAsync(message);',
    'await client.DisconnectAsync(true);',
  ),
  note: noUser,
});

const wordPress = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'wordpress',
  title: 'WordPress',
  group: 'framework',
  language: 'php',
  code: code(
    '<?php',
    '// wp-content/mu-plugins/sandpost.php',
    "add_action('phpmailer_init', function ($mailer) {",
    '    $mailer->isSMTP();',
    `    $mailer->Host = '${host}';`,
    `    $mailer->Port = ${port};`,
    "    $mailer->SMTPSecure = '';",
    '    $mailer->SMTPAutoTLS = false;',
    `    $mailer->SMTPAuth = ${user !== null};`,
    user === null ? null : `    $mailer->Username = '${user}';`,
    user === null ? null : `    $mailer->Password = '${anyPassword}';`,
    '});',
  ),
  note: 'On localhost WordPress sends from wordpress@localhost, which PHPMailer refuses: set a sender with the wp_mail_from filter.',
});

// Supabase Auth authenticates as soon as it has a user name, and then refuses a connection without TLS
// (Go's smtp.PlainAuth), so the user name stays empty.
const supabase = ({ port }: RecipeDoor): Recipe => ({
  id: 'supabase',
  title: 'Supabase (self-hosted)',
  group: 'framework',
  language: 'ini',
  code: code(
    '# supabase/docker/.env',
    'SMTP_HOST=host.docker.internal',
    `SMTP_PORT=${port}`,
    'SMTP_USER=',
    'SMTP_PASS=',
    'SMTP_ADMIN_EMAIL=auth@example.com',
    'SMTP_SENDER_NAME=Auth',
    '',
    '# docker-compose.override.yml, for Linux:',
    '# services:',
    '#   auth:',
    '#     extra_hosts: ["host.docker.internal:host-gateway"]',
  ),
  note: 'Start the core with --host 0.0.0.0: a container does not reach 127.0.0.1 of its host. Leave the user name empty, or Auth refuses a connection without TLS. The CLI’s config.toml insists on a user name, so supabase start keeps its mail to itself.',
});
