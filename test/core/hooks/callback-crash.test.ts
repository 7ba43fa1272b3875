/** No report is lost when Sandpost is killed while it tells the app of thousands. */
import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../../core-process.ts';
import { temporaryFolder } from '../../start-core.ts';
import { openReceiver } from './callback-world.ts';

const account = 'AC00000000000000000000000000000001';
const token = '0123456789abcdef0123456789abcdef';
const messages = 60;
const testMsMax = 120_000;

it(
  'every report comes at least once, though Sandpost is killed twice in the middle',
  async () => {
    const folder = await temporaryFolder();
    const app = await openReceiver();
    onTestFinished(() => app.close());
    const told = (): Set<string> =>
      new Set(
        app.received.map(({ body }) => {
          const form = new URLSearchParams(body);
          return `${form.get('MessageSid')} ${form.get('MessageStatus')}`;
        }),
      );
    const first = await startProcess(folder, []);
    // The app answers nothing: what is on its way when Sandpost is killed was received, and is not known to have been.
    app.answer = () => undefined;
    const sids: string[] = [];
    for (let n = 0; n < messages; n++) {
      const answer = await fetch(
        `http://127.0.0.1:${first.port('providers')}/twilio/2010-04-01/Accounts/${account}/Messages.json`,
        {
          method: 'POST',
          headers: { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` },
          body: new URLSearchParams({
            To: '+14155552671',
            From: '+14155552672',
            Body: `Code ${n}`,
            StatusCallback: app.url,
          }),
        },
      );
      expect(answer.status).toBe(201);
      sids.push(JSON.parse(await answer.text()).sid);
    }
    await app.heard(4);
    await first.end('SIGKILL');
    const before = told().size;
    // Some are answered, and then it is killed again.
    let answered = 0;
    app.answer = (response) => {
      if (answered++ < 20) response.writeHead(204).end();
    };
    const second = await startProcess(folder, []);
    await app.heard(app.received.length + 20);
    await second.end('SIGKILL');
    expect(told().size).toBeLessThan(2 * messages);
    app.answer = (response) => response.writeHead(204).end();
    const third = await startProcess(folder, []);
    const wanted = sids.flatMap((sid) => [`${sid} sent`, `${sid} delivered`]);
    while (!wanted.every((one) => told().has(one))) await app.heard(app.received.length + 1);
    expect(before).toBeGreaterThan(0);
    expect(told()).toEqual(new Set(wanted));
    await third.end('SIGTERM');
  },
  testMsMax,
);
