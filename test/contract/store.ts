/** What every store must do, whatever it stands on: `storeContract('sqlite', open)` runs it. */
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  ExchangeEnd,
  ExchangeStart,
  MessageSummary,
  Retention,
  StoredEvent,
  Submission,
} from '../../core/model/message.ts';
import { parseSearch } from '../../core/store/search-query.ts';
import { type Selection, type Store, spoolChunkBytes } from '../../core/store/store.ts';

export interface OpenedStore {
  readonly store: Store;
  /** What was published after its commit, in order. */
  readonly published: readonly StoredEvent[];
  /** Closes it in order and opens it anew. */
  reopen(): Promise<Store>;
  /** Leaves it as a process does that is killed, and opens it anew. */
  crash(): Promise<Store>;
}

export type OpenStore = () => Promise<OpenedStore>;

const nowMs = Date.UTC(2026, 0, 31, 12);
const everything: Selection = { query: [], project: null };
const unlimited: Retention = { countMax: null, ageMaxMs: null, bytesMax: null };

let lastId = 0;
const newId = (): string => `00000000-0000-7000-8000-${String(++lastId).padStart(12, '0')}`;

export function submission(about: Partial<Submission> & { readonly content?: string } = {}): Submission {
  const { content = 'Subject: x\r\n\r\nbody\r\n', ...rest } = about;
  const tail = about.tail ?? Buffer.from(content);
  return {
    id: newId(),
    receivedAtMs: nowMs,
    channel: 'email',
    door: 'smtp',
    project: 'main',
    user: null,
    envelopeFrom: 'from@example.com',
    envelopeTo: ['to@example.com'],
    envelopeParameters: null,
    spooled: [],
    bytes: tail.length,
    exchange: null,
    delivery: null,
    details: null,
    tags: [],
    ...rest,
    tail,
  };
}

export function summary(about: Partial<MessageSummary> = {}): MessageSummary {
  return {
    subject: '',
    from: null,
    to: [],
    cc: [],
    bcc: [],
    replyTo: [],
    messageId: null,
    dateMs: null,
    snippet: '',
    attachments: [],
    problems: [],
    body: '',
    ...about,
  };
}

const start = (id: string): ExchangeStart => ({
  id,
  door: 'smtp',
  kind: 'smtp',
  startedAtMs: nowMs,
  remoteAddress: '127.0.0.1',
  remotePort: 5_000,
  clientName: 'app.example',
  user: null,
  tls: null,
});

const end = (id: string, about: Partial<ExchangeEnd> = {}): ExchangeEnd => ({
  start: start(id),
  endedAtMs: nowMs + 10,
  outcome: 'accepted',
  reason: null,
  messages: 1,
  refusals: 0,
  bytesIn: 10,
  bytesOut: 20,
  transcript: '',
  ...about,
});

export function storeContract(name: string, openStore: OpenStore): void {
  async function opened(): Promise<OpenedStore> {
    const one = await openStore();
    onTestFinished(() => one.store.close());
    return one;
  }
  const open = async (): Promise<Store> => (await opened()).store;

  async function found(store: Store, q: string, project: string | null = null): Promise<string[]> {
    const page = await store.messages({ query: parseSearch(q, nowMs), project }, { after: null, limit: 100 });
    expect(page.total).toBe(page.entries.length);
    return page.entries.map((row) => row.id);
  }

  async function rawOf(store: Store, id: string): Promise<Buffer | null> {
    const raw = await store.raw(id);
    if (raw === null) return null;
    const chunks: Uint8Array[] = [];
    for await (const chunk of raw.chunks) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    expect(whole.length).toBe(raw.bytes);
    return whole;
  }

  describe(`the store on ${name}: messages`, () => {
    it('are kept with all that the door knew', async () => {
      const store = await open();
      const sent = submission({
        door: 'smtps',
        user: 'shop',
        project: 'shop',
        envelopeFrom: '',
        envelopeTo: ['a@x', 'ü@x', 'hidden@x'],
        envelopeParameters: { mail: { SIZE: '3', SMTPUTF8: true }, rcpt: [{}, { NOTIFY: 'NEVER' }, {}] },
      });
      const seq = await store.accept(sent);
      expect(await store.message(sent.id)).toMatchObject({
        seq,
        id: sent.id,
        door: 'smtps',
        user: 'shop',
        project: 'shop',
        channel: 'email',
        envelopeFrom: '',
        envelopeTo: ['a@x', 'ü@x', 'hidden@x'],
        envelopeParameters: sent.envelopeParameters,
        receivedAtMs: nowMs,
        read: false,
        tags: [],
        summary: null,
      });
      expect(await store.message(newId())).toBeNull();
      expect(await store.raw(newId())).toBeNull();
    });

    it('come back byte by byte, small and large, empty and not text at all', async () => {
      const { store, reopen } = await opened();
      const bodies = [0, 1, 70_000, spoolChunkBytes, spoolChunkBytes * 2 + 7].map((bytes) =>
        Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 7 + (at >> 8)) & 0xff)),
      );
      const ids = new Map<string, Buffer>();
      for (const body of bodies) {
        const sent = submission({ tail: Buffer.from(body), bytes: body.length });
        ids.set(sent.id, body);
        await store.accept(sent);
      }
      for (const [id, body] of ids) expect((await rawOf(store, id))?.equals(body)).toBe(true);
      const again = await reopen();
      for (const [id, body] of ids) expect((await rawOf(again, id))?.equals(body)).toBe(true);
    });

    it('are put together from the chunks that were spooled, in the order they are named', async () => {
      const store = await open();
      const one = await store.spool(Buffer.alloc(spoolChunkBytes, 'a'));
      const two = await store.spool(Buffer.alloc(spoolChunkBytes, 'b'));
      const sent = submission({
        spooled: [one, two],
        tail: Buffer.from('tail'),
        bytes: 2 * spoolChunkBytes + 4,
      });
      await store.accept(sent);
      store.unspool([one, two]);
      const whole = await rawOf(store, sent.id);
      const wanted = Buffer.from(`${'a'.repeat(spoolChunkBytes)}${'b'.repeat(spoolChunkBytes)}tail`);
      expect(whole?.equals(wanted), 'a chunk that is part of a message is not taken back').toBe(true);
    });

    it('are told to whoever listens, after the commit and in order', async () => {
      const { store, published } = await opened();
      const sent = Array.from({ length: 20 }, () => submission());
      const seqs = await Promise.all(sent.map((one) => store.accept(one)));
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
      const accepted = published.filter((event) => event.type === 'accepted');
      expect(accepted.map((event) => event.messageId)).toEqual(sent.map(({ id }) => id));
      expect(accepted.map((event) => event.seq)).toEqual(
        [...accepted.map((event) => event.seq)].sort((a, b) => a - b),
      );
      expect(store.lastEventSeq()).toBe(published.at(-1)?.seq);
    });

    it('that one of a batch cannot be stored do not keep the others from it, nor from being told', async () => {
      const { store, published } = await opened();
      const [first, second, third] = [submission(), submission(), submission()];
      await store.accept(first);
      const results = await Promise.allSettled([
        store.accept(second),
        // The same id twice is refused by the database.
        store.accept({ ...submission(), id: first.id }),
        store.accept(third),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await found(store, '')).toEqual([third.id, second.id, first.id]);
      expect(published.filter(({ type }) => type === 'accepted').map(({ messageId }) => messageId)).toEqual([
        first.id,
        second.id,
        third.id,
      ]);
      expect(store.counts().messages).toBe(3);
    });
  });

  describe(`the store on ${name}: lists`, () => {
    it('are newest first, in pages that neither skip nor repeat while messages come in', async () => {
      const store = await open();
      const ids: string[] = [];
      for (let n = 0; n < 25; n++) {
        const sent = submission();
        ids.unshift(sent.id);
        await store.accept(sent);
      }
      const seen: string[] = [];
      let after: number | null = null;
      do {
        const page: Awaited<ReturnType<Store['messages']>> = await store.messages(everything, {
          after,
          limit: 7,
        });
        seen.push(...page.entries.map((row) => row.id));
        after = page.next;
        await store.accept(submission());
      } while (after !== null);
      expect(seen).toEqual(ids);
    });

    it('know how many there are, also after a change', async () => {
      const store = await open();
      for (let n = 0; n < 5; n++) await store.accept(submission({ project: n < 2 ? 'shop' : 'main' }));
      const total = async (selection: Selection) =>
        (await store.messages(selection, { after: null, limit: 1 })).total;
      expect(await total(everything)).toBe(5);
      expect(await total({ query: [], project: 'shop' })).toBe(2);
      expect(await total({ query: [], project: 'nobody' })).toBe(0);
      expect(await total({ query: parseSearch('larger:1', nowMs), project: null })).toBe(5);
      await store.accept(submission());
      expect(await total({ query: parseSearch('larger:1', nowMs), project: null })).toBe(6);
    });

    it('end exactly where the messages end', async () => {
      const store = await open();
      for (let n = 0; n < 4; n++) await store.accept(submission());
      const first = await store.messages(everything, { after: null, limit: 2 });
      const second = await store.messages(everything, { after: first.next, limit: 2 });
      expect([first.next !== null, second.entries.length, second.next]).toEqual([true, 2, null]);
    });
  });

  describe(`the store on ${name}: numbers`, () => {
    it('are never given twice, though the newest message was deleted and the store reopened', async () => {
      const { store, reopen } = await opened();
      const sent = [submission(), submission()];
      const seqs = [];
      for (const one of sent) seqs.push(await store.accept(one));
      const events = store.lastEventSeq();
      await store.deleteMessages(sent.map(({ id }) => id));
      const again = await reopen();
      expect(again.lastEventSeq()).toBeGreaterThan(events);
      expect(await again.accept(submission())).toBeGreaterThan(Math.max(...seqs));
    });
  });

  describe(`the store on ${name}: search`, () => {
    async function searchable(): Promise<{ readonly store: Store; readonly a: string; readonly b: string }> {
      const store = await open();
      const a = submission({
        project: 'shop',
        user: 'shop',
        receivedAtMs: nowMs - 7_200_000,
        content: 'x'.repeat(5_000),
      });
      const b = submission({
        door: 'smtps',
        envelopeTo: ['blind@hidden.example'],
        envelopeFrom: 'bounce@b.example',
      });
      const [seqA, seqB] = [await store.accept(a), await store.accept(b)];
      await store.index([
        {
          seq: seqA,
          summary: summary({
            subject: 'Your order number 1234 über Köln',
            from: { name: 'Jane Shopper', address: 'jane@shop.example' },
            to: [{ name: 'Max', address: 'max@example.com' }],
            cc: [{ name: '', address: 'copy@example.com' }],
            bcc: [{ name: '', address: 'secret@example.com' }],
            messageId: '<abc.123@shop.example>',
            attachments: [
              {
                part: 1,
                filename: 'Invoice-May.pdf',
                contentType: 'application/pdf',
                contentId: null,
                disposition: 'attachment',
                bytes: 1,
              },
            ],
            body: 'Thank you for shopping. The password reset is here.',
          }),
        },
        {
          seq: seqB,
          summary: summary({
            subject: 'Reset your password',
            from: { name: '', address: 'no-reply@b.example' },
            to: [{ name: '', address: 'ann@example.org' }],
            body: 'Reset here, order nothing.',
          }),
        },
      ]);
      await store.setTags(b.id, ['urgent', 'Two Words']);
      await store.setRead([a.id], true);
      return { store, a: a.id, b: b.id };
    }

    it('finds by every field, by words, phrases and beginnings, and by what is not so', async () => {
      const { store, a, b } = await searchable();
      const wanted = [
        ['', 'ba'],
        ['order', 'ba'],
        ['ORD', 'ba'],
        ['order number', 'a'],
        ['"order number"', 'a'],
        ['"number order"', ''],
        ['"order num"', ''],
        ['koln', 'a'],
        ['über', 'a'],
        ['order -nothing', 'a'],
        ['-order', ''],
        ['-"password reset"', 'b'],
        ['from:jane', 'a'],
        ['from:jane@shop.example', 'a'],
        ['from:bounce@b.example', 'b'],
        ['to:max', 'a'],
        ['to:blind@hidden.example', 'b'],
        ['cc:copy', 'a'],
        ['bcc:secret', 'a'],
        ['-from:jane', 'b'],
        ['subject:reset', 'b'],
        ['subject:"your password"', 'b'],
        ['message-id:abc.123@shop.example', 'a'],
        ['message-id:<abc.123@shop.example>', 'a'],
        ['filename:invoice', 'a'],
        ['has:attachment', 'a'],
        ['-has:attachment', 'b'],
        ['is:unread', 'b'],
        ['is:read', 'a'],
        ['-is:unread', 'a'],
        ['is:tagged', 'b'],
        ['tag:urgent', 'b'],
        ['tag:URGENT', 'b'],
        ['tag:"two words"', 'b'],
        ['tag:nothing', ''],
        ['-tag:urgent', 'a'],
        ['project:shop', 'a'],
        ['project:SHOP', 'a'],
        ['-project:shop', 'b'],
        ['channel:email', 'ba'],
        ['channel:sms', ''],
        ['door:smtps', 'b'],
        ['user:shop', 'a'],
        ['-user:shop', 'b'],
        ['status:sent', ''],
        ['provider:gmail', ''],
        ['larger:1k', 'a'],
        ['smaller:1k', 'b'],
        ['after:1h', 'b'],
        ['before:1h', 'a'],
        ['after:2026-01-31T11:00:00Z', 'b'],
        ['after:2026-02-01', ''],
        ['before:tomorrow-is-no-date subject', 'refused'],
        ['from:', 'refused'],
        ['is:purple', 'refused'],
        ['has:wings', 'refused'],
        ['larger:big', 'refused'],
        ['reset is:unread -from:jane project:main', 'b'],
      ] as const;
      for (const [q, which] of wanted) {
        if (which === 'refused') {
          expect(() => parseSearch(q, nowMs), q).toThrow(expect.objectContaining({ code: 'bad_query' }));
        } else {
          expect(await found(store, q), q).toEqual([...which].map((one) => (one === 'a' ? a : b)));
        }
      }
    });

    it('keeps to the project it is asked about', async () => {
      const { store, a } = await searchable();
      expect(await found(store, 'order', 'shop')).toEqual([a]);
      expect(await found(store, '', 'shop')).toEqual([a]);
      expect(await found(store, 'nothing', 'shop')).toEqual([]);
    });

    it('is refused as a bad query or answered, whatever the words are, and deleting by them too', async () => {
      const store = await open();
      const seq = await store.accept(submission());
      await store.index([{ seq, summary: summary({ subject: 'hello', body: 'hello world' }) }]);
      const piece = fc.constantFrom(
        '"',
        "'",
        '*',
        '^',
        '(',
        ')',
        '{',
        '}',
        ':',
        '-',
        '+',
        '\\',
        'AND',
        'OR',
        'NOT',
        'NEAR(',
        'hello',
        'subject',
        'body:',
        'constructor:',
        '__proto__:',
        'tag:',
        'from:',
        ' ',
        '\0',
        '\u{1f600}',
        'é',
        '%',
        '_',
        ';',
        '--',
        '/*',
      );
      const words = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      );
      await fc.assert(
        fc.asyncProperty(words, async (text) => {
          const refusals: unknown[] = [];
          try {
            const query = parseSearch(text, nowMs);
            await store
              .messages({ query, project: null }, { after: null, limit: 10 })
              .catch((error) => refusals.push(error));
            await store.markAllRead({ query, project: 'nobody' }).catch((error) => refusals.push(error));
            await store.deleteSelection({ query, project: 'nobody' }).catch((error) => refusals.push(error));
          } catch (error) {
            refusals.push(error);
          }
          for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'bad_query' });
        }),
        { numRuns: 300 },
      );
      expect(store.counts().messages).toBe(1);
    });
  });

  describe(`the store on ${name}: changes`, () => {
    it('mark messages read and unread, and say which were changed', async () => {
      const { store, published } = await opened();
      const [a, b] = [submission(), submission()];
      await store.accept(a);
      await store.accept(b);
      expect(await store.setRead([a.id, newId()], true)).toEqual([a.id]);
      expect(await store.setRead([a.id], true)).toEqual([]);
      expect(store.counts().unread).toBe(1);
      expect((await store.message(a.id))?.read).toBe(true);
      expect(await store.setRead([a.id], false)).toEqual([a.id]);
      expect(await store.markAllRead(everything)).toBe(2);
      expect(await store.markAllRead(everything)).toBe(0);
      expect(store.counts().unread).toBe(0);
      expect(published.map(({ type }) => type)).toEqual(['accepted', 'accepted', 'read', 'unread', 'read']);
    });

    it('set tags, and count them', async () => {
      const store = await open();
      const [a, b] = [submission(), submission({ project: 'shop' })];
      await store.accept(a);
      await store.accept(b);
      expect(await store.setTags(a.id, ['x', 'y'])).toBe(true);
      expect(await store.setTags(b.id, ['x'])).toBe(true);
      expect(await store.setTags(newId(), ['x'])).toBe(false);
      expect(await store.tags(null)).toEqual([
        { tag: 'x', messages: 2 },
        { tag: 'y', messages: 1 },
      ]);
      expect(await store.tags('shop')).toEqual([{ tag: 'x', messages: 1 }]);
      await store.setTags(a.id, []);
      expect(await store.tags(null)).toEqual([{ tag: 'x', messages: 1 }]);
    });

    it('delete messages with all that belongs to them', async () => {
      const { store, published } = await opened();
      const [a, b] = [submission(), submission()];
      const seq = await store.accept(a);
      await store.accept(b);
      await store.index([{ seq, summary: summary({ subject: 'findable' }) }]);
      expect(await store.deleteMessages([a.id, newId()])).toBe(1);
      expect(await store.message(a.id)).toBeNull();
      expect(await store.raw(a.id)).toBeNull();
      expect(await found(store, 'findable')).toEqual([]);
      expect(await found(store, '')).toEqual([b.id]);
      expect(store.counts()).toMatchObject({ messages: 1, unread: 1, waitingForIndex: 1, bytes: b.bytes });
      expect(published.at(-1)).toMatchObject({ type: 'deleted', data: { ids: [a.id] } });
    });

    it('delete a selection, however many it is, and nothing that came after it was asked', async () => {
      const store = await open();
      const sent = Array.from({ length: 1_200 }, (_, n) =>
        submission({ project: n % 2 === 0 ? 'even' : 'odd' }),
      );
      await Promise.all(sent.map((one) => store.accept(one)));
      expect(await store.deleteSelection({ query: [], project: 'even' })).toBe(600);
      expect(store.counts().messages).toBe(600);
      const going = store.deleteSelection(everything);
      await Promise.all([going, store.accept(submission()), store.accept(submission())]);
      expect(store.counts().messages).toBeLessThanOrEqual(2);
      expect((await store.projects()).map((one) => [one.name, one.messages])).toContainEqual(['odd', 0]);
    });

    it('delete by a search', async () => {
      const store = await open();
      const [a, b] = [submission(), submission()];
      const [seqA, seqB] = [await store.accept(a), await store.accept(b)];
      await store.index([
        { seq: seqA, summary: summary({ subject: 'doomed' }) },
        { seq: seqB, summary: summary({ subject: 'kept' }) },
      ]);
      expect(await store.deleteSelection({ query: parseSearch('doomed', nowMs), project: null })).toBe(1);
      expect(await found(store, '')).toEqual([b.id]);
    });

    it('are gone through oldest first, whole or only by when they came', async () => {
      const store = await open();
      const seqs: number[] = [];
      for (const receivedAtMs of [30, 10, 20])
        seqs.push(await store.accept({ ...submission(), receivedAtMs }));
      const [first = 0, second = 0, third = 0] = seqs;
      expect((await store.messagesFrom(0, 2)).map(({ seq }) => seq)).toEqual([first, second]);
      expect((await store.messagesFrom(second, 2)).map(({ seq }) => seq)).toEqual([third]);
      expect(await store.receivedTimes(0, 2)).toEqual([
        [first, 30],
        [second, 10],
      ]);
      expect(await store.receivedTimes(second, 2)).toEqual([[third, 20]]);
    });

    it('do not forget a message whose turn to be indexed failed', async () => {
      const store = await open();
      const [a, b] = [submission(), submission()];
      const [seqA, seqB] = [await store.accept(a), await store.accept(b)];
      await store.index([{ seq: seqB, summary: summary({ subject: 'later' }) }]);
      expect(await store.unindexed(10)).toEqual([{ seq: seqA, bytes: a.bytes }]);
      await store.index([{ seq: seqA, summary: summary({ subject: 'earlier' }) }]);
      expect(await store.unindexed(10)).toEqual([]);
    });

    it('of a message that is gone meanwhile change nothing', async () => {
      const store = await open();
      const sent = submission();
      const seq = await store.accept(sent);
      await store.deleteMessages([sent.id]);
      await store.index([{ seq, summary: summary({ subject: 'ghost' }) }]);
      expect(await found(store, 'ghost')).toEqual([]);
      expect(store.counts().waitingForIndex).toBe(0);
    });
  });

  describe(`the store on ${name}: projects`, () => {
    it('count their messages, unread ones and bytes, through every change and a restart', async () => {
      const { store, reopen } = await opened();
      const model = new Map<string, { project: string; bytes: number; read: boolean }>();
      const random = fc.sample(
        fc.record({ act: fc.nat(3), pick: fc.nat(), project: fc.constantFrom('a', 'b', 'main') }),
        { numRuns: 120, seed: 7 },
      );
      for (const { act, pick, project } of random) {
        const ids = [...model.keys()];
        const id = ids[pick % Math.max(1, ids.length)];
        const known = id === undefined ? undefined : model.get(id);
        if (act <= 1 || id === undefined || known === undefined) {
          const sent = submission({ project, content: 'x'.repeat(pick % 1_000) });
          await store.accept(sent);
          model.set(sent.id, { project, bytes: sent.bytes, read: false });
        } else if (act === 2) {
          await store.setRead([id], !known.read);
          known.read = !known.read;
        } else {
          await store.deleteMessages([id]);
          model.delete(id);
        }
      }
      const wanted = ['a', 'b', 'main'].map((name) => {
        const own = [...model.values()].filter((one) => one.project === name);
        return {
          name,
          messages: own.length,
          unread: own.filter((one) => !one.read).length,
          bytes: own.reduce((sum, one) => sum + one.bytes, 0),
        };
      });
      for (const counted of [await store.projects(), await (await reopen()).projects()]) {
        expect(
          counted
            .map(({ name, messages, unread, bytes }) => ({ name, messages, unread, bytes }))
            .sort((a, b) => a.name.localeCompare(b.name)),
        ).toEqual(wanted);
      }
    });

    it('are made, fixed and deleted when they are empty', async () => {
      const store = await open();
      await store.saveProject('shop', { fixed: true, retention: { ...unlimited, countMax: 3 } });
      await store.accept(submission({ project: 'shop' }));
      expect(await store.deleteProject('shop')).toBe(false);
      expect(await store.deleteProject('main')).toBe(false);
      expect(await store.deleteProject('nobody')).toBe(false);
      await store.deleteSelection({ query: [], project: 'shop' });
      expect((await store.projects()).find(({ name }) => name === 'shop')).toMatchObject({
        fixed: true,
        retention: { countMax: 3 },
      });
      expect(await store.deleteProject('shop')).toBe(true);
      expect((await store.projects()).map(({ name }) => name)).toEqual(['main']);
    });
  });

  describe(`the store on ${name}: retention`, () => {
    async function pruned(store: Store, retention: Retention, atMs = nowMs): Promise<void> {
      while (await store.prune(retention, atMs));
    }

    it('by count keeps the newest', async () => {
      const store = await open();
      const sent = Array.from({ length: 12 }, () => submission());
      for (const one of sent) await store.accept(one);
      await pruned(store, { ...unlimited, countMax: 5 });
      expect(await found(store, '')).toEqual(
        sent
          .slice(-5)
          .map(({ id }) => id)
          .reverse(),
      );
    });

    it('by size keeps the newest that fit', async () => {
      const store = await open();
      const sent = Array.from({ length: 10 }, () => submission({ content: 'x'.repeat(100) }));
      for (const one of sent) await store.accept(one);
      await pruned(store, { ...unlimited, bytesMax: 350 });
      expect(store.counts()).toMatchObject({ messages: 3, bytes: 300 });
    });

    it('by age goes by the time it is told', async () => {
      const store = await open();
      const old = submission({ receivedAtMs: nowMs - 10_000 });
      const fresh = submission({ receivedAtMs: nowMs - 1_000 });
      await store.accept(old);
      await store.accept(fresh);
      await pruned(store, { ...unlimited, ageMaxMs: 5_000 }, nowMs - 6_000);
      expect(store.counts().messages).toBe(2);
      await pruned(store, { ...unlimited, ageMaxMs: 5_000 }, nowMs);
      expect(await found(store, '')).toEqual([fresh.id]);
    });

    it('of a project goes for that project alone, and beside the general one', async () => {
      const store = await open();
      await store.saveProject('small', { retention: { ...unlimited, countMax: 2 } });
      for (let n = 0; n < 6; n++) await store.accept(submission({ project: n % 2 === 0 ? 'small' : 'main' }));
      await pruned(store, unlimited);
      expect((await store.projects()).map(({ name, messages }) => [name, messages])).toEqual([
        ['main', 3],
        ['small', 2],
      ]);
      await pruned(store, { ...unlimited, countMax: 1 });
      expect(store.counts().messages).toBe(1);
    });
  });

  describe(`the store on ${name}: events`, () => {
    it('are resumed after a cursor without a gap, also after a restart', async () => {
      const { store, reopen } = await opened();
      for (let n = 0; n < 10; n++) await store.accept(submission());
      const first = await store.events({ after: 0, limit: 4, messageId: null });
      const again = await reopen();
      const rest = await again.events({ after: first.at(-1)?.seq ?? 0, limit: 100, messageId: null });
      const seqs = [...first, ...rest].map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 10 }, (_, n) => (seqs[0] ?? 0) + n));
      expect(await again.events({ after: again.lastEventSeq(), limit: 100, messageId: null })).toEqual([]);
    });

    it('of one message are its own', async () => {
      const store = await open();
      const [a, b] = [submission(), submission()];
      await store.accept(a);
      await store.accept(b);
      await store.setRead([a.id], true);
      await store.setTags(a.id, ['x']);
      await store.setRead([b.id], true);
      const own = await store.events({ after: 0, limit: 100, messageId: a.id });
      expect(own.map(({ type }) => type)).toEqual(['accepted', 'read', 'tagged']);
      expect(own.every(({ messageId }) => messageId === a.id)).toBe(true);
    });
  });

  describe(`the store on ${name}: exchanges`, () => {
    it('keep their transcript in order, each stretch with its message', async () => {
      const store = await open();
      const id = newId();
      const [one, two] = [1, 2].map((n) =>
        submission({ exchange: { start: start(id), transcript: `C 0 message ${n}\n` } }),
      );
      if (one === undefined || two === undefined) throw new Error('two were made');
      await store.accept(one);
      expect((await store.exchange(id, null))?.row.outcome).toBe('open');
      expect((await store.exchange(id, null))?.segments.map(({ text }) => text)).toEqual(['C 0 message 1\n']);
      await store.accept(two);
      await store.endExchange(end(id, { messages: 2, transcript: 'C 0 QUIT\n' }));
      const whole = await store.exchange(id, null);
      expect(whole?.segments).toEqual([
        { messageId: one.id, text: 'C 0 message 1\n' },
        { messageId: two.id, text: 'C 0 message 2\n' },
        { messageId: null, text: 'C 0 QUIT\n' },
      ]);
      expect(whole?.row).toMatchObject({
        outcome: 'accepted',
        messages: 2,
        bytesIn: 10,
        bytesOut: 20,
        clientName: 'app.example',
      });
      expect((await store.message(one.id))?.exchangeId).toBe(id);
    });

    it('are listed newest first, by outcome, door and words', async () => {
      const store = await open();
      const ids = [newId(), newId(), newId()];
      await store.endExchange(
        end(ids[0] ?? '', { outcome: 'refused', refusals: 1, messages: 0, reason: '552 Too LARGE' }),
      );
      await store.endExchange(end(ids[1] ?? '', { outcome: 'accepted', refusals: 2 }));
      await store.endExchange(end(ids[2] ?? '', { start: { ...start(ids[2] ?? ''), door: 'smtps' } }));
      const list = async (filter: Partial<Parameters<Store['exchanges']>[0]>) =>
        (
          await store.exchanges(
            { outcome: null, door: null, text: null, ...filter },
            { after: null, limit: 10 },
          )
        ).entries.map((row) => ids.indexOf(row.id));
      expect(await list({})).toEqual([2, 1, 0]);
      expect(await list({ outcome: 'refused' }), 'an accepted one with refusals too').toEqual([1, 0]);
      expect(await list({ door: 'smtps' })).toEqual([2]);
      expect(await list({ text: 'too large' })).toEqual([0]);
      expect(await list({ text: '%' })).toEqual([]);
      const page = await store.exchanges(
        { outcome: null, door: null, text: null },
        { after: null, limit: 2 },
      );
      expect(page.total).toBe(3);
      const rest = await store.exchanges(
        { outcome: null, door: null, text: null },
        { after: page.next, limit: 2 },
      );
      expect(rest.entries.map((row) => ids.indexOf(row.id))).toEqual([0]);
    });

    it('are deleted when they have ended, and their messages stay', async () => {
      const store = await open();
      const [open1, ended] = [newId(), newId()];
      const sent = submission({ exchange: { start: start(ended), transcript: 'C 0 x\n' } });
      await store.accept(sent);
      await store.endExchange(end(ended));
      await store.accept(submission({ exchange: { start: start(open1), transcript: 'C 0 y\n' } }));
      expect(await store.deleteExchanges()).toBe(1);
      expect(await store.exchange(ended, null)).toBeNull();
      expect(await store.exchange(open1, null)).not.toBeNull();
      expect((await store.message(sent.id))?.exchangeId).toBeNull();
      expect(store.counts().exchanges).toBe(1);
    });

    it('go on after a transaction had to be undone in between', async () => {
      const store = await open();
      const id = newId();
      const first = submission({ exchange: { start: start(id), transcript: 'C 0 first\n' } });
      await store.accept(first);
      await expect(store.accept({ ...submission(), id: first.id })).rejects.toThrow();
      await store.accept(submission({ exchange: { start: start(id), transcript: 'C 0 second\n' } }));
      await store.endExchange(end(id, { transcript: 'C 0 QUIT\n' }));
      expect((await store.exchange(id, null))?.segments.map(({ text }) => text)).toEqual([
        'C 0 first\n',
        'C 0 second\n',
        'C 0 QUIT\n',
      ]);
    });
  });

  describe(`the store on ${name}: after a crash`, () => {
    it('has all that was acknowledged, and nothing of what was not', async () => {
      const { store, crash } = await opened();
      const sent = submission({ content: 'kept' });
      await store.accept(sent);
      await store.spool(Buffer.alloc(100_000, 'o'));
      const again = await crash();
      expect((await rawOf(again, sent.id))?.toString()).toBe('kept');
      expect(again.counts()).toMatchObject({ messages: 1, unread: 1, waitingForIndex: 1 });
    });

    it('calls the sessions aborted that it cut off, and still shows what was said', async () => {
      const { store, crash } = await opened();
      const id = newId();
      await store.accept(submission({ exchange: { start: start(id), transcript: 'C 0 first\n' } }));
      await store.accept(submission({ exchange: { start: start(id), transcript: 'C 0 second\n' } }));
      const again = await crash();
      const whole = await again.exchange(id, null);
      expect(whole?.row).toMatchObject({
        outcome: 'aborted',
        reason: 'Sandpost stopped during this session',
      });
      expect(whole?.segments.map(({ text }) => text)).toEqual(['C 0 first\n', 'C 0 second\n']);
    });

    it('still finds what it had indexed, and knows what it had not', async () => {
      const { store, crash } = await opened();
      const [a, b] = [submission(), submission()];
      const seq = await store.accept(a);
      await store.index([{ seq, summary: summary({ subject: 'indexed' }) }]);
      const seqB = await store.accept(b);
      const again = await crash();
      expect(await found(again, 'indexed')).toEqual([a.id]);
      expect(await again.unindexed(10)).toEqual([{ seq: seqB, bytes: b.bytes }]);
    });
  });

  describe(`the store on ${name}: settings`, () => {
    it('are kept and told', async () => {
      const { store, reopen, published } = await opened();
      await store.saveSetting('settings', { a: [1, null] });
      await store.saveSetting('settings', { a: [2] });
      expect(published.at(-1)).toMatchObject({ type: 'settings' });
      expect(await (await reopen()).settings()).toEqual({ settings: { a: [2] } });
    });
  });
}
