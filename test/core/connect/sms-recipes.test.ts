/** What the Connect room has for SMS: run as it is printed, in a project of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes as recipesOf } from '../../../core/connect/recipes.ts';
import { itWith, noShell, type RecipeProject, recipeProject } from './recipe-project.ts';

const number = '+14155552671';

describe('recipes for SMS', () => {
  const ports = { providers: 48_026, tls: 48_443, proxy: 48_027, smpp: 42_775 };
  const facts = { host: '127.0.0.1', ports, url: 'http://127.0.0.1:40025', caFile: '/data/ca.pem' };
  const sms = recipesOf(facts).filter(({ group }) => group === 'sms');

  it('cover each provider, and other languages where their SDK takes no address', () => {
    expect(sms.map(({ id }) => id)).toEqual([
      'twilio-node',
      'twilio-python',
      'twilio-proxy',
      'vonage-node',
      'messagebird-node',
      'sinch-node',
      'infobip-node',
      'telnyx-node',
      'twilio-curl',
      'smpp-node',
      'smpp',
    ]);
  });

  it('name the ports and files that this core really has', () => {
    for (const { id, code } of sms) {
      expect(code, id).toMatch(/4[28]\d{3}|\/data\/sandpost-redirect\.cjs/);
      expect(code, id).not.toMatch(/undefined|null|\b(?:2775|8026|8027|8443)\b/);
    }
  });

  it('leave SMPP alone where the other doors are closed', () => {
    const { smpp } = ports;
    const only = recipesOf({ ...facts, ports: { smpp } }).filter(({ group }) => group === 'sms');
    expect(only.map(({ id }) => id)).toEqual(['smpp-node', 'smpp']);
  });
});

describe.skipIf(noShell)('a recipe for SMS, followed to the letter', () => {
  let project: RecipeProject;
  beforeAll(async () => {
    project = await recipeProject();
  });
  afterAll(() => project.close());

  /** @returns the door of the newest message to the number of the recipes */
  const arrived = async (door: string): Promise<void> => {
    const found = (await project.peers.messages()).filter((one) => one.door === door);
    expect(found.at(-1), door).toMatchObject({
      channel: 'sms',
      snippet: 'Your code is 471147',
      envelope: { to: [number] },
      deliveries: [{ status: 'delivered' }],
    });
  };

  const nodeRecipes = [
    ['twilio-node', 'twilio', /^SM[0-9a-f]{32} queued\n$/],
    ['vonage-node', 'vonage', /status: '0'/],
    ['sinch-node', 'sinch', /^\w{8,}/],
    ['infobip-node', 'infobip', /messageId/],
    ['telnyx-node', 'telnyx', /queued/],
  ] as const;
  it.each(nodeRecipes)('%s', async (id, door, printed) => {
    const { stdout, stderr, code } = await project.node(id);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(printed);
    await arrived(door);
  });

  it('messagebird-node: an app that knows nothing of Sandpost', async () => {
    await project.write(
      'app.js',
      `import { initClient } from 'messagebird';
       const client = initClient('any-key');
       client.messages.create(
         { originator: 'Shop', recipients: ['14155552671'], body: 'Your code is 471147' },
         (error, message) => console.log(error === null ? message.recipients.items[0].status : error),
       );`,
    );
    const { stdout, stderr } = await project.shell(project.codeOf('messagebird-node'));
    expect(stdout, stderr).toMatch(/^sent\n$/);
  });

  it('smpp-node, which prints its receipt', async () => {
    const { stdout, stderr, code } = await project.node('smpp-node');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/stat:DELIVRD/);
    await arrived('smpp');
  });

  itWith('curl', 'twilio-curl', async () => {
    const { stdout, stderr } = await project.shell(
      project.codeOf('twilio-curl').replace('curl ', 'curl -sS '),
    );
    expect(stdout, stderr).toMatch(/"status": ?"queued"/);
    await arrived('twilio');
  });
});
