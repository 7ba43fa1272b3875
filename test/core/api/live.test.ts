import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startCore, type TestCore } from '../../start-core.ts';

interface Frame {
  readonly type: string;
  readonly cursor: number;
  readonly events?: readonly {
    readonly seq: number;
    readonly type: string;
    readonly messageId: string | null;
  }[];
}

interface Live {
  readonly socket: WebSocket;
  next(): Promise<Frame>;
  /** Events up to and with this many of this type. */
  events(type: string, count: number): Promise<NonNullable<Frame['events']>>;
}

async function live(core: TestCore, query = ''): Promise<Live> {
  const socket = new WebSocket(`ws://127.0.0.1:${core.port('http')}/v1/live${query}`);
  onTestFinished(() => socket.terminate());
  const frames: Frame[] = [];
  let heard: (() => void) | null = null;
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    heard?.();
  });
  await once(socket, 'open');
  const next = async (): Promise<Frame> => {
    while (frames.length === 0) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    const frame = frames.shift();
    if (frame === undefined) throw new Error('no frame');
    return frame;
  };
  return {
    socket,
    next,
    async events(type, count) {
      const seen = [];
      while (seen.filter((event) => event.type === type).length < count)
        seen.push(...((await next()).events ?? []));
      return seen;
    },
  };
}

const mail = 'From: a@b\r\nSubject: x\r\n\r\nx\r\n';

describe('the live feed', () => {
  it('says hello, then tells what happens from now on', async () => {
    const core = await startCore();
    await core.send(mail);
    await core.app.caughtUp();
    const feed = await live(core);
    const hello = await feed.next();
    expect(hello).toMatchObject({ type: 'hello', version: expect.any(String), cursor: expect.any(Number) });
    const id = await core.send(mail);
    const seen = await feed.events('accepted', 1);
    expect(seen.find((event) => event.type === 'accepted')?.messageId).toBe(id);
    for (const event of seen) expect(event.seq).toBeGreaterThan(hello.cursor);
  });

  it('goes on where a client left off, without a gap and without telling anything twice', async () => {
    const core = await startCore();
    const first = await live(core);
    const { cursor } = await first.next();
    first.socket.close();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(await core.send(mail));
    await core.get(`/v1/messages/${ids[0]}`, { method: 'DELETE' });
    const again = await live(core, `?after=${cursor}`);
    expect((await again.next()).cursor).toBe(cursor);
    const seen = await again.events('deleted', 1);
    expect(seen.filter((event) => event.type === 'accepted').map((event) => event.messageId)).toEqual(ids);
    const seqs = seen.map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_, n) => cursor + 1 + n));
  });

  it('gathers a burst into few frames', async () => {
    const core = await startCore();
    const feed = await live(core);
    await feed.next();
    const client = await core.smtp();
    for (let n = 0; n < 40; n++) await client.deliver('a@x', ['b@x'], mail);
    await client.quit();
    let frames = 0;
    let accepted = 0;
    while (accepted < 40) {
      frames++;
      accepted += ((await feed.next()).events ?? []).filter((event) => event.type === 'accepted').length;
    }
    expect(frames).toBeLessThan(40);
  });

  it('starts from now for a cursor of another time, and is not thrown by one that is none', async () => {
    const core = await startCore();
    await core.send(mail);
    const future = await live(core, '?after=999999999');
    const hello = await future.next();
    expect(hello.cursor).toBeLessThan(999_999_999);
    const socket = new WebSocket(`ws://127.0.0.1:${core.port('http')}/v1/live?after=nonsense`);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('400');
    expect((await core.get('/livez')).status).toBe(200);
  });

  it('is told when the core stops', async () => {
    const core = await startCore();
    const feed = await live(core);
    await feed.next();
    const closed = once(feed.socket, 'close');
    await core.close();
    expect((await closed)[0]).toBe(1001);
  });

  it('does not hold up the core when its client is asleep', async () => {
    const core = await startCore();
    const feed = await live(core);
    await feed.next();
    feed.socket.pause();
    const gone = once(feed.socket, 'close');
    await core.close();
    feed.socket.resume();
    await gone;
  });

  it('refuses a frame that is far too large', async () => {
    const core = await startCore();
    const feed = await live(core);
    await feed.next();
    const closed = once(feed.socket, 'close');
    feed.socket.send('x'.repeat(1_000_000));
    expect((await closed)[0]).toBe(1009);
  });
});

describe('/v1/events', () => {
  it('lists what happened in pages by cursor', async () => {
    const core = await startCore();
    for (let n = 0; n < 3; n++) await core.send(mail);
    await core.app.caughtUp();
    const seqs: number[] = [];
    let after = '0';
    for (;;) {
      const page = await core.json<{ entries: { seq: number }[]; nextCursor: string | null }>(
        `/v1/events?limit=2&after=${after}`,
      );
      seqs.push(...page.entries.map(({ seq }) => seq));
      if (page.nextCursor === null) break;
      after = page.nextCursor;
    }
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
    expect(seqs.length).toBeGreaterThanOrEqual(4);
    expect((await core.get('/v1/events?after=x')).status).toBe(400);
  });
});
