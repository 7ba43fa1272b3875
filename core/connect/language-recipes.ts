import { code } from './recipe-text.ts';
import { anyPassword, type Recipe, type RecipeDoor } from './recipes.ts';

export function languageRecipes(door: RecipeDoor): readonly Recipe[] {
  return [nodemailer(door), python(door), go(door), phpMail(door), phpMailer(door)];
}

const nodemailer = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'nodemailer',
  title: 'Node.js with Nodemailer',
  group: 'language',
  language: 'javascript',
  code: code(
    "import nodemailer from 'nodemailer';",
    '',
    'const transport = nodemailer.createTransport({',
    `  host: '${host}',`,
    `  port: ${port},`,
    '  secure: false,',
    user === null ? null : `  auth: { user: '${user}', pass: '${anyPassword}' },`,
    '});',
    '',
    'await transport.sendMail({',
    "  from: 'App <app@example.com>',",
    "  to: 'jane@example.com',",
    "  subject: 'Hello',",
    "  text: 'Hello from Nodemailer',",
    '});',
  ),
  note: 'With auth: { user: "shop", pass: "any" } the mail lands in the project “shop”.',
});

const python = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'python',
  title: 'Python smtplib',
  group: 'language',
  language: 'python',
  code: code(
    'import smtplib',
    'from email.message import EmailMessage',
    '',
    'message = EmailMessage()',
    'message["From"] = "app@example.com"',
    'message["To"] = "jane@example.com"',
    'message["Subject"] = "Hello"',
    'message.set_content("Hello from Python")',
    '',
    `with smtplib.SMTP("${host}", ${port}) as smtp:`,
    user === null ? null : `    smtp.login("${user}", "${anyPassword}")`,
    '    smtp.send_message(message)',
  ),
  note: 'Do not call starttls(): this door offers none.',
});

const go = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'go',
  title: 'Go net/smtp',
  group: 'language',
  language: 'go',
  code: code(
    'package main',
    '',
    'import (',
    '\t"log"',
    '\t"net/smtp"',
    ')',
    '',
    'func main() {',
    user === null
      ? '\tvar auth smtp.Auth // none is needed'
      : `\tauth := smtp.PlainAuth("", "${user}", "${anyPassword}", "${host}")`,
    '\tmessage := []byte("From: app@example.com\\r\\nTo: jane@example.com\\r\\n" +',
    '\t\t"Subject: Hello\\r\\n\\r\\nHello from Go\\r\\n")',
    `\terr := smtp.SendMail("${host}:${port}", auth, "app@example.com", []string{"jane@example.com"}, message)`,
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    '}',
  ),
  note: 'PlainAuth speaks without TLS to localhost, 127.0.0.1 and ::1 only; elsewhere use no auth.',
});

const phpMail = ({ host, port }: RecipeDoor): Recipe => ({
  id: 'php-mail',
  title: 'PHP mail()',
  group: 'language',
  language: 'ini',
  code: code(
    '; php.ini',
    `sendmail_path = "sandpost sendmail --host ${host} --smtp-port ${port} -t -i"`,
    '',
    '; on Windows, where PHP speaks SMTP itself:',
    `SMTP = ${host}`,
    `smtp_port = ${port}`,
    'sendmail_from = app@example.com',
  ),
  note: 'sandpost must be on the PATH of the PHP process; a full path is safest. Restart PHP-FPM afterwards.',
});

const phpMailer = ({ host, port, user }: RecipeDoor): Recipe => ({
  id: 'phpmailer',
  title: 'PHP with PHPMailer',
  group: 'language',
  language: 'php',
  code: code(
    '<?php',
    "require 'vendor/autoload.php';",
    '',
    '$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);',
    '$mail->isSMTP();',
    `$mail->Host = '${host}';`,
    `$mail->Port = ${port};`,
    '$mail->SMTPAutoTLS = false;',
    `$mail->SMTPAuth = ${user !== null};`,
    user === null ? null : `$mail->Username = '${user}';`,
    user === null ? null : `$mail->Password = '${anyPassword}';`,
    "$mail->setFrom('app@example.com', 'App');",
    "$mail->addAddress('jane@example.com');",
    "$mail->Subject = 'Hello';",
    "$mail->Body = 'Hello from PHPMailer';",
    '$mail->send();',
  ),
  note: '',
});
