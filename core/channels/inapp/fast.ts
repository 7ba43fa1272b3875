/**
 * The answer to the question that clients ask every second, whether something is new: no, most of the time. It is given at
 * the wire, before anything is made of the request; everything else goes the way of all requests.
 */
import type {
  ProviderReply,
  StandingHead,
  StandingReply,
  StandingRequest,
} from '../../doors/http/provider-request.ts';
import type { InAppRoom } from './room.ts';

export interface FastPorts {
  readonly room: Pick<InAppRoom, 'tagOf'>;
  /** Whether a rule may want to do something to what that user asks; costs next to nothing. */
  readonly isRuled: (user: string) => boolean;
  /** What is asked of clients: another object whenever that changed. */
  readonly terms: () => object;
  /** Fields that a reply to it has besides its tag; null: it may not, or not at once, and is told so the usual way. */
  readonly admit: (request: StandingHead, user: string) => ProviderReply['fields'] | null;
}

const pullPath = /^\/v1\/users\/([^/]+)\/messages$/;

/** @returns what a route gives as its `standing` */
export function standingPulls(ports: FastPorts): (request: StandingHead) => StandingRequest | null {
  return (request) => {
    const user = userOf(request.path);
    return user === null ? null : new StandingPull(ports, request, user);
  };
}

function userOf(path: string): string | null {
  const written = pullPath.exec(path)?.[1];
  if (written === undefined) return null;
  try {
    return decodeURIComponent(written);
  } catch {
    // Not UTF-8: it is refused in words, the usual way.
    return null;
  }
}

class StandingPull implements StandingRequest {
  readonly #ports: FastPorts;
  readonly #request: StandingHead;
  readonly #user: string;
  readonly #tags: ReadonlySet<string>;
  #terms: object | null = null;
  #fields: ProviderReply['fields'] | null = null;
  #tag: string | null = null;
  #reply: StandingReply | null = null;

  constructor(ports: FastPorts, request: StandingHead, user: string) {
    this.#ports = ports;
    this.#request = request;
    this.#user = user;
    this.#tags = entityTags(request.fields.all('if-none-match').join(','));
  }

  answer(): StandingReply | null {
    if (this.#tags.size === 0) return null;
    const { room, terms, isRuled, admit } = this.#ports;
    if (isRuled(this.#user)) return null;
    const now = terms();
    if (now !== this.#terms) {
      this.#terms = now;
      this.#tag = null;
      this.#fields = admit(this.#request, this.#user);
    }
    if (this.#fields === null) return null;
    const tag = room.tagOf(this.#user, this.#request.query);
    if (tag !== this.#tag) {
      this.#tag = tag;
      this.#reply =
        tag !== null && this.#tags.has(tag)
          ? { status: 304, fields: [['etag', tag], ...this.#fields] }
          : null;
    }
    return this.#reply;
  }
}

/** Compared weakly, as If-None-Match asks (RFC 9110 §13.1.2). `*` is none: it is not for those who ask for what is new. */
export function entityTags(value: string): ReadonlySet<string> {
  return new Set([...value.matchAll(/(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g)].map(([, tag = '']) => tag));
}
