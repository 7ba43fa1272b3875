import { button, heading, layout, text } from './layout.ts';
import { appName, firstName, type StarterTemplate, variable } from './starter.ts';

export const welcome: StarterTemplate = {
  id: 'welcome',
  head: {
    name: 'Welcome',
    description: 'After signing up. In English, German and Arabic.',
    topic: null,
    locale: 'en',
  },
  draft: {
    variables: [appName, variable('start.url', 'string', 'https://app.example/start')],
    content: {
      email: {
        subject: `Welcome to {{ app.name }}, ${firstName('friend')}`,
        preheader: 'Three steps, and you are set up.',
        format: 'mjml',
        body: layout({
          blocks: [
            heading(`Welcome, ${firstName('friend')}!`),
            text('It is good to have you here. Setting up takes about two minutes.'),
            button('Begin', '{{ start.url }}'),
          ],
          footer: 'You have this message because you signed up for {{ app.name }}.',
        }),
      },
      push: {
        title: 'Welcome to {{ app.name }}',
        body: 'Setting up takes about two minutes.',
        link: '{{ start.url }}',
      },
      sms: { body: '{{ app.name }}: welcome! Begin here: {{ start.url }}' },
      inapp: {
        title: `Welcome, ${firstName('friend')}!`,
        body: 'Setting up takes about two minutes.',
        actions: [{ id: 'begin', label: 'Begin', url: '{{ start.url }}' }],
        display: { kind: 'modal', frequency: 'once' },
      },
    },
    locales: {
      de: {
        email: {
          subject: 'Willkommen bei {{ app.name }}',
          preheader: 'In drei Schritten eingerichtet.',
          body: layout({
            blocks: [
              heading(`Willkommen, ${firstName('du')}!`),
              text('Schön, dass du da bist. Das Einrichten dauert etwa zwei Minuten.'),
              button('Loslegen', '{{ start.url }}'),
            ],
            footer: 'Du bekommst diese Nachricht, weil du dich bei {{ app.name }} angemeldet hast.',
          }),
        },
        push: { title: 'Willkommen bei {{ app.name }}', body: 'Das Einrichten dauert etwa zwei Minuten.' },
        sms: { body: '{{ app.name }}: Willkommen! Hier geht es los: {{ start.url }}' },
        inapp: {
          title: `Willkommen, ${firstName('du')}!`,
          body: 'Das Einrichten dauert etwa zwei Minuten.',
          actions: [{ id: 'begin', label: 'Loslegen', url: '{{ start.url }}' }],
        },
      },
      ar: {
        email: {
          subject: 'مرحبًا بك في {{ app.name }}',
          preheader: 'ثلاث خطوات فقط.',
          body: layout({
            blocks: [
              heading('مرحبًا بك!'),
              text('يسعدنا انضمامك إلينا. يستغرق الإعداد دقيقتين تقريبًا.'),
              button('ابدأ', '{{ start.url }}'),
            ],
            footer: 'وصلتك هذه الرسالة لأنك سجّلت في {{ app.name }}.',
          }),
        },
        push: { title: 'مرحبًا بك في {{ app.name }}', body: 'يستغرق الإعداد دقيقتين تقريبًا.' },
        sms: { body: '{{ app.name }}: مرحبًا بك! ابدأ هنا: {{ start.url }}' },
        inapp: {
          title: 'مرحبًا بك!',
          body: 'يستغرق الإعداد دقيقتين تقريبًا.',
          actions: [{ id: 'begin', label: 'ابدأ', url: '{{ start.url }}' }],
        },
      },
    },
  },
};
