/**
 * What every door that takes messages must do, whatever channel and provider it speaks for: say yes only once the message is
 * stored, keep its bytes as they came, refuse in its own words and store nothing then, say that it cannot now when the disk is
 * full, keep the exchange with its secrets masked, and lose nothing that it said yes to when the process is killed.
 */
import { expect, it } from 'vitest';
import type { ExchangeDetail, List, Message } from '../../core/api/schema.ts';
import type { Channel } from '../../core/model/message.ts';

export interface Reached {
  /** Of the API. */
  readonly url: string;
  port(door: string): number;
}

/** What a door answered: whether that is a yes, and its words. */
export interface Said {
  readonly yes: boolean;
  readonly words: string;
}

export interface ChannelDoor {
  readonly name: string;
  readonly channel: Channel;
  /** Key of the door, as messages and exchanges have it. */
  readonly door: string;
  /** Hands over a good message with this text in it. */
  send(core: Reached, text: string): Promise<Said>;
  /** The bytes that are kept of it; null: they are made by the core, and have the text in them. */
  bytes(text: string): string | null;
  /** Hands over what the door refuses. */
  sendWrong(core: Reached): Promise<Said>;
  /** How it refuses that. */
  readonly refusal: RegExp;
  /** How it says that it cannot now. */
  readonly notNow: RegExp;
  /** What the request has in it that nobody is to read later; null: there is none. */
  readonly secret: string | null;
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
    const said = await one.send(core, text);
    expect(said).toMatchObject({ yes: true });
    const found = await messagesOf(core, one);
    const raws = await Promise.all(found.map(({ id }) => rawOf(core, id)));
    const mine = raws.filter((raw) => raw.includes(text));
    expect(mine).toHaveLength(1);
    const bytes = one.bytes(text);
    if (bytes !== null) expect(mine).toEqual([bytes]);
  });

  it('keeps the exchange, and none of the secrets in it', async () => {
    const core = worlds.core();
    const text = `exchange-${one.name.replaceAll(/\W/g, '')}`;
    await one.send(core, text);
    if (one.door === 'api') return;
    const found = await messagesOf(core, one);
    const exchangeId = found[0]?.exchangeId ?? null;
    expect(exchangeId).not.toBeNull();
    const exchange = await json<ExchangeDetail>(core, `/v1/exchanges/${exchangeId}`);
    expect(exchange.door).toBe(one.door);
    expect(exchange.transcript.length).toBeGreaterThan(1);
    if (one.secret !== null) expect(JSON.stringify(exchange)).not.toContain(one.secret);
    if (one.secret !== null)
      expect(JSON.stringify(await json(core, `/v1/messages/${found[0]?.id}`))).not.toContain(one.secret);
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

export async function rawOf(core: Reached, id: string): Promise<string> {
  return (await fetch(`${core.url}/v1/messages/${id}/raw`)).text();
}
