/** What the Connect room has for sends over several channels: run as it is printed, where the language is there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes as recipesOf } from '../../../core/connect/recipes.ts';
import { itWith, noShell, type RecipeProject, recipeProject } from './recipe-project.ts';

const waitMsMax = 15_000;

describe('recipes for the send API', () => {
  const facts = { host: '127.0.0.1', ports: {}, url: 'http://127.0.0.1:40025', caFile: '/data/ca.pem' };
  const send = recipesOf(facts);

  it('cover a send, a user and a template', () => {
    expect(send.map(({ id }) => id)).toEqual([
      'send-curl',
      'send-node',
      'send-python',
      'send-user',
      'send-template',
    ]);
  });

  it('name the port that this core really has', () => {
    for (const { id, code } of send) {
      expect(code, id).toContain('40025');
      expect(code, id).not.toMatch(/undefined|\b(?:8025|8026)\b/);
    }
  });

  it('are none where the API has no port', () => {
    expect(recipesOf({ ...facts, url: '' })).toEqual([]);
  });
});

describe.skipIf(noShell)('a recipe for the send API, followed to the letter', () => {
  let project: RecipeProject;
  beforeAll(async () => {
    project = await recipeProject(['--deliver']);
  });
  afterAll(() => project.close());

  const quiet = (id: string): string => project.codeOf(id).replaceAll('curl ', 'curl -sS ');
  const newest = async (): Promise<string> =>
    (await project.peers.messages()).filter(({ channel }) => channel === 'multi').at(-1)?.id ?? '';
  const waysOf = async (id: string): Promise<ReadonlySet<string>> => {
    const { entries } = await project.peers.call<{ readonly entries: readonly { channel: string }[] }>(
      'GET',
      `/v1/messages/${id}/parts`,
    );
    return new Set(entries.map(({ channel }) => channel));
  };
  // Nobody has a device of hers: the SMS goes out.
  const ways = new Set(['push', 'sms']);

  it('send-node', async () => {
    const { stdout, stderr, code } = await project.node('send-node');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^202 /);
    const id = await newest();
    await expect.poll(() => waysOf(id), { timeout: waitMsMax }).toEqual(ways);
  });

  itWith('python3', 'send-python', async () => {
    const { stdout, stderr } = await project.program('send-python', 'send.py', 'python3');
    expect(stdout, stderr).toMatch(/^202 /);
  });

  itWith('curl', 'send-curl, and a user who is kept', async () => {
    const kept = await project.shell(quiet('send-user'));
    expect(kept.stdout, kept.stderr).toContain('anna@example.com');
    const sent = await project.shell(quiet('send-curl'));
    expect(sent.stdout, sent.stderr).toMatch(/"deliveries"/);
  });

  itWith('curl', 'send-template: made, published, and sent', async () => {
    const said = await project.shell(quiet('send-template'));
    expect(said.stdout, said.stderr).toMatch(/"published":1\D.*"deliveries"/s);
    const id = /"id":"([^"]+)","deliveries"/.exec(said.stdout)?.[1] ?? '';
    await expect.poll(() => waysOf(id), { timeout: waitMsMax }).toEqual(ways);
  });
});
