/**
 * The thread that examines what arrives: authentication, then the content. It asks the main thread for DNS answers
 * and keeps them until the zones change.
 */
import { parentPort } from 'node:worker_threads';
import type { DnsAnswer, RecordType, Resolver } from '../../dns/dns.ts';
import { messageOf } from '../../model/app-error.ts';
import type { Authentication, FilterReason } from '../../model/authentication.ts';
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
  | { readonly kind: 'examined'; readonly id: number; readonly reading: Reading }
  | { readonly kind: 'facts'; readonly id: number; readonly facts: MessageFacts }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

const answersMax = 20_000;

const port = parentPort;
if (port !== null) {
  const tell = (message: FromThread): void => port.postMessage(message);
  const keys = new KeyBook();
  const answers = new Map<string, DnsAnswer>();
  const waiting = new Map<number, { readonly key: string; readonly resolve: (answer: DnsAnswer) => void }>();
  let lastQuestion = 0;
  let generation = 0;

  const resolver: Resolver = {
    query(name, type) {
      const key = `${type} ${name.toLowerCase()}`;
      const known = answers.get(key);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const question = ++lastQuestion;
        waiting.set(question, { key, resolve });
        tell({ kind: 'question', question, name, type });
      });
    },
  };

  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'work':
        for (const request of message.requests) void work(request);
        return;
      case 'answer': {
        const asked = waiting.get(message.question);
        waiting.delete(message.question);
        // One that was given before the zones changed answers its question, and no later one.
        if (asked !== undefined && message.generation === generation) {
          if (answers.size >= answersMax) answers.clear();
          answers.set(asked.key, message.answer);
        }
        asked?.resolve(message.answer);
        return;
      }
      case 'zones_changed':
        generation = message.generation;
        answers.clear();
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
      if (request === null) return tell({ kind: 'facts', id, facts });
      const authentication = await authenticate(raw, request, resolver, keys);
      tell({ kind: 'examined', id, reading: { authentication, content: judgeContent(content), facts } });
    } catch (error) {
      tell({ kind: 'failed', id, message: messageOf(error) });
    }
  }

  tell({ kind: 'loaded' });
}
