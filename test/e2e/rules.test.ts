/** The room Rules in a browser, and what journeys have of it, against a real core. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import type { RunningCore } from './start-core.ts';

const tabSteps = 80;

describe('the room Rules', () => {
  const missing = whyNoScreen();
  if (missing !== null) {
    it.skip(missing);
    return;
  }
  let opened: OpenScreen;
  let core: RunningCore;
  let page: Page;

  beforeAll(async () => {
    opened = await openScreen({ width: 1280, height: 900 });
    ({ core, page } = opened);
  }, 60_000);
  afterAll(() => opened.close());
  beforeEach(async () => {
    await call('PUT', '/rules', { rules: [], magicAddresses: true });
    await page.goto(`${core.facts.url}/rules`);
  });

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${core.facts.url}/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return answer.json();
  }
  interface Listed {
    readonly id: string;
    readonly name: string;
    readonly enabled: boolean;
    readonly when: unknown;
    readonly then: unknown;
  }
  const rulesNow = async (): Promise<readonly Listed[]> =>
    (await call<{ readonly entries: readonly Listed[] }>('GET', '/rules')).entries;
  const setRules = async (names: readonly string[]) => {
    await call('PUT', '/rules', {
      rules: names.map((name) => ({
        id: name,
        name,
        stage: 'farSide',
        when: { recipient: `${name}@gmail.com` },
        then: { do: 'blackHole' },
      })),
    });
    await page.goto(`${core.facts.url}/rules`);
  };
  const send = async (to: string, subject: string): Promise<string> =>
    (
      await call<{ readonly id: string }>('POST', '/messages', {
        channel: 'email',
        from: 'Shop <hello@shop.example>',
        to: [to],
        subject,
        text: 'Hello.',
      })
    ).id;
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const toast = (text: string) => page.getByRole('alert').filter({ hasText: text });
  const rowNames = async () =>
    (await page.getByRole('row').allTextContents()).map((text) => /rule[a-z]/.exec(text)?.[0]);

  it('says what to begin with when there is none, and adds a preset, which an undo takes back', async () => {
    await page.getByRole('heading', { name: 'Nothing goes wrong on purpose yet' }).waitFor();
    await page.getByRole('article').getByRole('button', { name: /^Add / }).first().click();
    await toast('Added').waitFor();
    expect(await rulesNow()).toHaveLength(1);
    await toast('Added').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'Nothing goes wrong on purpose yet' }).waitFor();
    expect(await rulesNow()).toHaveLength(0);
  });

  it('writes a rule as a sentence, and says at the field what is wrong with it', async () => {
    await page.getByRole('heading', { name: 'Nothing goes wrong on purpose yet' }).waitFor();
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'New rule' }).waitFor();
    await page.getByRole('button', { name: 'Add the rule' }).click();
    await page.getByText('Name at least one, or take this condition out.').waitFor();
    await page.getByPlaceholder('jane@gmail.com, *@shop.example').fill('jane@gmail.com');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'and …' }).click();
    await page.getByRole('menuitem', { name: /^Subject/ }).click();
    await page.getByRole('textbox', { name: 'Subject', exact: true }).fill('invoice');
    await page.getByRole('textbox', { name: 'Enhanced' }).fill('5.1.1');
    await page
      .getByText(
        /When a message to jane@gmail.com with a subject containing invoice reaches the far side, defer it/,
      )
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Add the rule' }).click();
    await page.getByText(/an enhanced code here looks like 4\.1\.1/).waitFor();
    await page.getByRole('textbox', { name: 'Enhanced' }).fill('4.2.1');
    await page.getByRole('button', { name: 'Add the rule' }).click();
    await row('rule-1').waitFor();
    expect((await rulesNow())[0]).toMatchObject({
      when: { recipient: ['jane@gmail.com'], subject: ['invoice'] },
      then: { do: 'defer', code: 451, enhanced: '4.2.1', times: 2 },
    });
  });

  it('writes a rule for pushes, with a reason of the provider', async () => {
    await page.getByRole('heading', { name: 'Nothing goes wrong on purpose yet' }).waitFor();
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'New rule' }).waitFor();
    await page.getByPlaceholder('jane@gmail.com, *@shop.example').fill('token-1');
    await page.keyboard.press('Enter');
    await page.getByLabel('What is done').selectOption('answer');
    await page.getByRole('combobox', { name: 'Reason' }).fill('QUOTA_EXCEEDED');
    await page.getByRole('textbox', { name: 'Retry-After' }).fill('30');
    await page.getByRole('heading', { name: 'New rule' }).click();
    await page.getByText('answer QUOTA_EXCEEDED and ask for a new try after 30 s.').first().waitFor();
    await page.getByRole('button', { name: 'Add the rule' }).click();
    await expect.poll(rulesNow).toMatchObject([
      {
        when: { recipient: ['token-1'] },
        then: { do: 'answer', reason: 'QUOTA_EXCEEDED', retryAfterS: 30 },
      },
    ]);
  });

  it('tries a rule on an envelope before it is saved', async () => {
    await setRules(['rulea']);
    await row('rulea').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Another name');
    await page.getByText('Not saved yet.').waitFor();
    await row('rulea').getByText('not saved').waitFor();
    await page.getByRole('button', { name: /^Try it on a message/ }).click();
    await page.getByText('An envelope', { exact: true }).click();
    await page.getByRole('textbox', { name: 'To', exact: true }).fill('rulea@gmail.com, other@yahoo.com');
    await page.getByRole('button', { name: 'Try it', exact: true }).click();
    await page.getByRole('region', { name: 'rulea@gmail.com' }).getByText('lose it').waitFor();
    await page.getByRole('region', { name: 'other@yahoo.com' }).getByText('Nothing is met').waitFor();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    expect(await page.getByText('Not saved yet.').count()).toBe(0);
  });

  it('is worked by keys: off, moved, removed, and back by Ctrl Z', async () => {
    await setRules(['rulea', 'ruleb', 'rulec']);
    await row('rulea').click();
    await page.keyboard.press('Space');
    await toast('Switched off').waitFor();
    expect((await rulesNow())[0]?.enabled).toBe(false);
    await page.keyboard.press('Alt+ArrowDown');
    await toast('Moved').waitFor();
    expect((await rulesNow()).map(({ id }) => id)).toEqual(['ruleb', 'rulea', 'rulec']);
    await page.keyboard.press('Delete');
    await toast('Removed').waitFor();
    expect(await rowNames()).toEqual(['ruleb', 'rulec']);
    await page.keyboard.press('Control+z');
    await toast('Taken back').waitFor();
    await row('rulea').waitFor();
    expect(await rowNames()).toEqual(['ruleb', 'rulea', 'rulec']);
  });

  it('gives a rule another place by dragging it', async () => {
    await setRules(['rulea', 'ruleb', 'rulec']);
    const grip = await row('rulea').getByRole('gridcell').first().boundingBox();
    const last = await row('rulec').boundingBox();
    expect(grip).not.toBeNull();
    if (grip === null || last === null) return;
    await page.mouse.move(grip.x + 10, grip.y + 10);
    await page.mouse.down();
    await page.mouse.move(grip.x + 10, last.y + last.height - 6, { steps: 5 });
    await page.mouse.up();
    await toast('Moved').waitFor();
    expect((await rulesNow()).map(({ id }) => id)).toEqual(['ruleb', 'rulec', 'rulea']);
  });

  it('shows what a rule hit, by itself, with the way to the message, whose journey names the rule', async () => {
    await call('PUT', '/rules', {
      rules: [
        {
          id: 'to-spam',
          name: 'Jane gets spam',
          stage: 'farSide',
          when: { recipient: 'jane@gmail.com' },
          then: { do: 'place', in: 'spam' },
        },
      ],
    });
    await page.goto(`${core.facts.url}/rules?rule=to-spam`);
    await page.getByText('It hit nothing yet.').waitFor();
    await send('jane@gmail.com', 'To the spam folder');
    await row('Jane gets spam').getByText('1 hit').waitFor();
    await page.getByRole('region', { name: 'Hits' }).getByRole('link', { name: 'message' }).click();
    await page.getByRole('heading', { name: 'To the spam folder', level: 1 }).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Placed' })
      .getByRole('link', { name: 'Jane gets spam' })
      .click();
    await page.getByRole('heading', { name: 'Jane gets spam', level: 1 }).waitFor();
  });

  it('makes a stage fail the next time, from the journey', async () => {
    const id = await send('kim@gmail.com', 'Fails next time');
    await page.goto(`${core.facts.url}/messages/${id}?tab=journey`);
    await page.getByRole('button', { name: 'Make this fail here next time: Attempt 1' }).click();
    await page
      .getByRole('dialog')
      .getByText(/to kim@gmail.com reaches the far side, the next time only, defer it/)
      .waitFor();
    await page.getByRole('button', { name: 'Make it fail' }).click();
    await toast('is in force').waitFor();
    expect((await rulesNow())[0]).toMatchObject({
      when: { recipient: 'kim@gmail.com', atMost: 1 },
      then: { do: 'defer', code: 451 },
    });
    await send('kim@gmail.com', 'Deferred now');
    await page.getByRole('option').filter({ hasText: 'Deferred now' }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Attempt 1' })
      .getByRole('link', { name: 'Defer it (kim@gmail.com)' })
      .waitFor();
  });

  it('says in every room that a scenario is on, and stops it', async () => {
    await call('POST', '/scenarios/current', { name: 'Quiet day', description: '' });
    await page.goto(`${core.facts.url}/rules?view=scenarios`);
    await page.getByRole('button', { name: 'Start Quiet day' }).click();
    await page.getByRole('button', { name: 'Stop the scenario Quiet day' }).waitFor();
    await page.goto(`${core.facts.url}/connect`);
    await page.getByRole('button', { name: 'Stop the scenario Quiet day' }).click();
    await page.getByRole('button', { name: 'Stop the scenario Quiet day' }).waitFor({ state: 'detached' });
    await page.goto(`${core.facts.url}/rules?view=scenarios`);
    await page.getByRole('button', { name: 'Start Quiet day' }).waitFor();
  });

  it('takes a scenario file in, and says what is wrong with a bad one', async () => {
    await page.goto(`${core.facts.url}/rules?view=scenarios`);
    const file = (text: string) => ({
      name: 'mine.yaml',
      mimeType: 'application/yaml',
      buffer: Buffer.from(text),
    });
    const input = page.locator('[data-takes-files] input[type="file"]');
    await input.setInputFiles(file('sandpost: 1\nname: From a file\nrules:\n  - stage: nowhere\n'));
    await toast('mine.yaml could not be imported').getByText(/stage/).waitFor();
    await input.setInputFiles(file('sandpost: 1\nname: From a file\nrules: []\n'));
    await page.getByRole('region', { name: 'Saved' }).getByText('From a file').waitFor();
    await page.getByRole('button', { name: 'More of From a file' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('From a file', { exact: true }).waitFor({ state: 'detached' });
  });

  it('switches magic addresses off and on', async () => {
    await page.goto(`${core.facts.url}/rules?view=magic`);
    await page.getByRole('button', { name: 'Copy jane+spam@gmail.com' }).waitFor();
    await page.getByRole('button', { name: 'Copy unregistered-jane as hex' }).waitFor();
    await page.getByRole('switch', { name: 'Magic addresses' }).click({ force: true });
    await toast('Magic addresses are off').waitFor();
    const { magicAddresses } = await call<{ readonly magicAddresses: boolean }>('GET', '/rules');
    expect(magicAddresses).toBe(false);
  });

  it('holds ten thousand rules, of which few are on the page', async () => {
    await call('PUT', '/rules', {
      rules: Array.from({ length: 10_000 }, (_, index) => ({
        name: `Number ${index + 1}`,
        stage: 'farSide',
        when: { recipient: `user${index}@gmail.com` },
        then: { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No such user' },
      })),
    });
    await page.goto(`${core.facts.url}/rules?rule=rule-9000`);
    await row('Number 9000').waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await page.getByRole('textbox', { name: 'Filter rules' }).fill('user4321@');
    await row('Number 4322').waitFor();
    await page.getByText('1 of 10,000 rules').waitFor();
  });

  it('has a name for every control and shows where the focus is', async () => {
    await setRules(['rulea', 'ruleb']);
    for (const path of [
      '/rules?rule=rulea',
      '/rules?view=magic',
      '/rules?view=scenarios',
      '/rules?view=dry-run',
    ]) {
      await page.goto(core.facts.url + path);
      await row('ruleb').waitFor();
      expect(await namelessControls(page)).toEqual([]);
    }
    await page.goto(`${core.facts.url}/rules?rule=rulea`);
    await row('ruleb').waitFor();
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
  });
});
