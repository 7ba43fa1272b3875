/**
 * What every door that takes messages must do, whatever channel and provider it speaks for: say yes only once the message is
 * stored, keep its bytes as they came, refuse in its own words and store nothing then, say that it cannot now when the disk is
 * full, keep the exchange with its secrets masked, and lose nothing that it said yes to when the process is killed.
 */
import { expect, it } from 'vitest';
import type { ExchangeDetail, List, Message } from '../../core/api/schema.ts';
import type { Channel } from '../../core/model/message.ts';
import type { Reached } from './reached.ts';

/** What a door answered: whether that is a yes, and its words. */
export interface Said {
  readonly yes: boolean;
  readonly words: string;
}

export interface Sent extends Said {
  /** What is to be kept of it; null: that is made by the core, and has the text in it. */
  readonly bytes: Uint8Array | null;
  /** What the request has in it that nobody is to read later. */
  readonly secrets: readonly string[];
}

export interface ChannelDoor {
  readonly name: string;
  readonly channel: Channel;
  /** Key of the door, as messages and exchanges have it. */
  readonly door: string;
  /** Which way in this is: a port, or the first part of a path on the doors for HTTP, as the core itself lists them. */
  readonly way: string;
  /** Whether it keeps what was said. */
  readonly exchanges: boolean;
  /** Makes what has to be there before a first message can be handed over. */
  ready?(core: Reached): Promise<void>;
  /** Hands over a good message with this text in it. */
  send(core: Reached, text: string): Promise<Sent>;
  /** Hands over what the door refuses. */
  sendWrong(core: Reached): Promise<Said>;
  /** How it refuses that. */
  readonly refusal: RegExp;
  /** How it says that it cannot now. */
  readonly notNow: RegExp;
}

export interface Worlds {
  /** A core with the doors open. */
  core(): Reached;
  /** The same with a disk that is full. */
  full(): Reached;
}

export function channelDoorContract(one: ChannelDoor, worlds: Worlds): void {
  it('says yes once the message is stored, with its bytes as they came', async () => {
    const core = worlds.core();
    const text = `stored-${one.name.replaceAll(/\W/g, '')}`;
    const sent = await one.send(core, text);
    expect(sent).toMatchObject({ yes: true });
    expect(await keptOf(core, one, text, sent)).toHaveLength(1);
  });

  if (one.exchanges)
    it('keeps the exchange, and none of the secrets in it', async () => {
      const core = worlds.core();
      const { secrets } = await one.send(core, `exchange-${one.name.replaceAll(/\W/g, '')}`);
      const [newest] = await messagesOf(core, one);
      expect(newest?.exchangeId).toEqual(expect.any(String));
      const exchange = await json<ExchangeDetail>(core, `/v1/exchanges/${newest?.exchangeId}`);
      expect(exchange.door).toBe(one.door);
      expect(exchange.transcript.length).toBeGreaterThan(1);
      const message = await json(core, `/v1/messages/${newest?.id}`);
      for (const secret of secrets) expect(JSON.stringify([exchange, message])).not.toContain(secret);
    });

  it('refuses in its own words, and stores nothing of it', async () => {
    const core = worlds.core();
    const before = (await messagesOf(core, one)).length;
    const said = await one.sendWrong(core);
    expect(said.words).toMatch(one.refusal);
    expect(said.yes).toBe(false);
    expect(await messagesOf(core, one)).toHaveLength(before);
  });

  it('says that it cannot now when the disk is full', async () => {
    const core = worlds.full();
    const said = await one.send(core, 'too much');
    expect(said.words).toMatch(one.notNow);
    expect(said.yes).toBe(false);
    expect(await messagesOf(core, one)).toEqual([]);
  });
}

async function json<T>(core: Reached, path: string): Promise<T> {
  const answer: T = await (await fetch(`${core.url}${path}`)).json();
  return answer;
}

/** Newest first. */
export async function messagesOf(core: Reached, { door, channel }: ChannelDoor): Promise<readonly Message[]> {
  const query = new URLSearchParams({ q: `door:${door}`, channel, limit: '100' });
  return (await json<List<Message>>(core, `/v1/messages?${query.toString()}`)).entries;
}

/** What of this door has what was sent. */
export async function keptOf(
  core: Reached,
  one: ChannelDoor,
  text: string,
  { bytes }: Sent,
): Promise<readonly Buffer[]> {
  const raws = await Promise.all((await messagesOf(core, one)).map(({ id }) => rawOf(core, id)));
  return raws.filter((raw) => (bytes === null ? raw.includes(text) : raw.equals(bytes)));
}

async function rawOf(core: Reached, id: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${core.url}/v1/messages/${id}/raw`)).arrayBuffer());
}
