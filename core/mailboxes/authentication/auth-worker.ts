/**
 * The thread that examines what arrives: authentication, then the content. It asks the main thread for DNS answers
 * and keeps them until the zones change.
 */
import { parentPort } from 'node:worker_threads';
import type { DnsAnswer, RecordType, Resolver } from '../../dns/dns.ts';
import { messageOf } from '../../model/app-error.ts';
import type { Authentication, FilterReason } from '../../model/authentication.ts';
import { giveWay } from '../../thread-priority.ts';
import { judgeContent } from '../filter/judge-content.ts';
import { readMailContent } from '../filter/mail-content.ts';
import { type MessageFacts, messageFacts } from '../message-facts.ts';
import { type AuthenticationRequest, authenticate } from './authenticate.ts';
import { KeyBook } from './key-book.ts';

export interface Reading {
  readonly authentication: Authentication;
  readonly content: readonly FilterReason[];
  readonly facts: MessageFacts;
}

export interface ThreadRequest {
  readonly id: number;
  readonly raw: Uint8Array<ArrayBuffer>;
  /** Null: only what the message says is wanted. */
  readonly request: AuthenticationRequest | null;
}

export type ToThread =
  | { readonly kind: 'work'; readonly requests: readonly ThreadRequest[] }
  | {
      readonly kind: 'answer';
      readonly question: number;
      readonly generation: number;
      readonly answer: DnsAnswer;
    }
  | { readonly kind: 'zones_changed'; readonly generation: number }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'question'; readonly question: number; readonly name: string; readonly type: RecordType }
  | { readonly kind: 'answers'; readonly answers: readonly OneAnswer[] };

export type OneAnswer =
  | { readonly kind: 'examined'; readonly id: number; readonly reading: Reading }
  | { readonly kind: 'facts'; readonly id: number; readonly facts: MessageFacts }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

const answersMax = 20_000;
/**
 * Messages that are worked on at once. What a hundred of them hold between two steps outlives the young generation,
 * and costs more to collect than to make; one that waits for the DNS lets another in.
 */
const atWorkMax = 4;

const port = parentPort;
if (port !== null) {
  giveWay();
  const tell = (message: FromThread): void => port.postMessage(message);
  const keys = new KeyBook();
  const answers = new Map<string, DnsAnswer>();
  const asked = new Map<string, Promise<DnsAnswer>>();
  const waiting = new Map<number, { readonly key: string; readonly resolve: (answer: DnsAnswer) => void }>();
  const queue: ThreadRequest[] = [];
  let atWork = 0;
  let done: OneAnswer[] = [];
  let lastQuestion = 0;
  let generation = 0;

  const resolver: Resolver = {
    query(name, type) {
      const key = `${type} ${name.toLowerCase()}`;
      const known = answers.get(key);
      return known === undefined
        ? whileOthersWork(asked.get(key) ?? ask(key, name, type))
        : Promise.resolve(known);
    },
  };

  function ask(key: string, name: string, type: RecordType): Promise<DnsAnswer> {
    const answer = new Promise<DnsAnswer>((resolve) => {
      const question = ++lastQuestion;
      waiting.set(question, { key, resolve });
      tell({ kind: 'question', question, name, type });
    });
    asked.set(key, answer);
    return answer;
  }

  async function whileOthersWork(answer: Promise<DnsAnswer>): Promise<DnsAnswer> {
    atWork--;
    workOn();
    try {
      return await answer;
    } finally {
      atWork++;
    }
  }

  function workOn(): void {
    while (atWork < atWorkMax) {
      const request = queue.shift();
      if (request === undefined) return;
      atWork++;
      void work(request).finally(() => {
        atWork--;
        workOn();
      });
    }
  }

  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'work':
        queue.push(...message.requests);
        workOn();
        return;
      case 'answer': {
        const question = waiting.get(message.question);
        waiting.delete(message.question);
        if (question === undefined) return;
        asked.delete(question.key);
        // One that was given before the zones changed answers its question, and no later one.
        if (message.generation === generation) {
          if (answers.size >= answersMax) answers.clear();
          answers.set(question.key, message.answer);
        }
        question.resolve(message.answer);
        return;
      }
      case 'zones_changed':
        generation = message.generation;
        answers.clear();
        // Who asks from now on asks anew.
        asked.clear();
        return;
      case 'close':
        port.close();
        return;
    }
  });

  async function work({ id, raw, request }: ThreadRequest): Promise<void> {
    try {
      const content = readMailContent(raw);
      const facts = messageFacts(content);
      if (request === null) return answer({ kind: 'facts', id, facts });
      const authentication = await authenticate(raw, request, resolver, keys);
      answer({ kind: 'examined', id, reading: { authentication, content: judgeContent(content), facts } });
    } catch (error) {
      answer({ kind: 'failed', id, message: messageOf(error) });
    }
  }

  /** What is done in the same turn of the event loop goes in one message: waking a thread takes longer than most. */
  function answer(one: OneAnswer): void {
    done.push(one);
    if (done.length === 1)
      setImmediate(() => {
        const answers = done;
        done = [];
        tell({ kind: 'answers', answers });
      });
  }

  tell({ kind: 'loaded' });
}
