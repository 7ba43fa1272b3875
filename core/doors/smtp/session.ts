/**
 * One SMTP session, as a state machine (RFC 5321): bytes go in through `feed`, replies come out through the
 * connection it was given. It knows no sockets and no clock, so that a test can write it as a transcript.
 *
 * Used by the submission doors and by the MX; every choice a door may make differently is a hook or an option.
 */
import { Transcript } from '../transcript.ts';
import { type AuthStep, decodeResponse, type Mechanism, mechanisms, startAuth } from './auth.ts';
import { addressFault, type Command, type Parameters, parseCommand, parsePath } from './command.ts';
import type { ContentBuffer, ReceivedContent, Spool } from './content-buffer.ts';
import { type Extension, extensionOf, extensions } from './extensions.ts';
import { mailParameterFault, rcptParameterFault, tooLargeFault } from './parameters.ts';
import { printable } from './printable.ts';
import { type CutWithin, Receiving } from './receiving.ts';
import { formatReply, isRefusal, type Reply, replies, reply, unstoredReply } from './reply.ts';
import type { Connection, Peer, SessionHooks, SessionOptions } from './session-ports.ts';
import { Transaction } from './transaction.ts';
import type { Trouble, TroublePoint } from './trouble.ts';
import { parseXclient, peerOf, xclientNames } from './xclient.ts';

/** Longest command line, CRLF included; RFC 5321 asks for 512, AUTH for 12,288 (RFC 4954 §4). */
export const commandBytesMax = 12_288 + 2;

/** Read ahead while an answer is held back on purpose, so that a client that leaves is noticed. */
export const aheadBytesMax = 64 * 1024;

type State = 'command' | 'auth' | 'data' | 'waiting' | 'tls' | 'closed';

export class SmtpSession {
  readonly connection: Connection;
  #options: SessionOptions;
  readonly #hooks: SessionHooks;
  readonly transcript = new Transcript();
  clientName: string | null = null;
  peer: Peer;
  user: string | null = null;
  tls = false;
  messages = 0;
  refusals = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** The last refusal or the end, in words. */
  lastRefusal: string | null = null;

  #state: State = 'command';
  #pending: Buffer = Buffer.alloc(0);
  #out = '';
  #extended = false;
  readonly #transaction = new Transaction();
  #receiving: Receiving | null = null;
  #authAnswer: ((response: Buffer) => AuthStep) | null = null;
  #authOkay = false;
  #faults = 0;
  #afterAuth = false;
  /** What was said of the connection before there was anything to greet it with (a TLS handshake comes first). */
  #knocked: Trouble | null | undefined;
  /** What EHLO was told of STARTTLS, for the command; undefined: EHLO did not ask. */
  #tlsTrouble: Trouble | null | undefined;
  /** Ends the wait that is under way, and says whether it came to its time. */
  #endWait: ((inTime: boolean) => void) | null = null;
  #waitsWhy = '';
  #aborted = false;

  constructor(connection: Connection, options: SessionOptions, hooks: SessionHooks) {
    this.connection = connection;
    this.#options = options;
    this.#hooks = hooks;
    this.peer = {
      address: connection.remoteAddress,
      port: connection.remotePort,
      name: null,
      destination: null,
      by: 'socket',
    };
  }

  /** What the door learns about the client may change what it offers. */
  change(options: Partial<SessionOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  get options(): Readonly<Pick<SessionOptions, 'hostname' | 'messageBytesMax'>> {
    return this.#options;
  }

  get state(): State {
    return this.#state;
  }

  /** An answer is held back on purpose. */
  get heldBack(): boolean {
    return this.#endWait !== null;
  }

  /** Of the transaction that is under way, from MAIL on; empty for the null sender. */
  get sender(): string | null {
    return this.#transaction.named;
  }

  /** Those accepted so far in this transaction. */
  get recipients(): readonly string[] {
    return this.#transaction.recipients;
  }

  greet(): void {
    const trouble = this.#knocked === undefined ? this.#ask('connect') : this.#knocked;
    if (trouble?.reset === true) return this.#reset(trouble);
    if (trouble === null) this.#reply(this.#greeting());
    else this.#meddle(trouble, () => this.#reply(this.#greeting()));
    this.#flush();
  }

  /**
   * A TLS handshake comes before the greeting: what is to become of the connection is asked ahead of it.
   * @returns whether the handshake may begin; else the connection is gone
   */
  knock(): boolean {
    this.#knocked = this.#ask('connect');
    if (this.#knocked?.reset === true) {
      this.#reset(this.#knocked);
      return false;
    }
    const trouble = this.#ask('tls');
    if (trouble === null || trouble.tls === null) return true;
    this.#noteAll(trouble);
    this.#reply({ ...replies.hangUp, why: trouble.why });
    this.#flush();
    return false;
  }

  #reset(trouble: Trouble): void {
    this.#noteAll(trouble);
    this.note(`the connection is reset, ${trouble.why}`);
    this.refusals++;
    this.lastRefusal = `the connection was reset (${trouble.why})`;
    this.#close();
    this.connection.reset();
  }

  #ask(point: TroublePoint, recipient: string | null = null): Trouble | null {
    const { trouble } = this.#hooks;
    return trouble?.asks(point) === true ? trouble.at(point, this, recipient) : null;
  }

  #noteAll(trouble: Trouble): void {
    for (const text of trouble.notes) this.note(text);
  }

  /** Goes on as the trouble wants it; `usual` is the step without it. */
  #meddle(trouble: Trouble, usual: () => void): void {
    this.#noteAll(trouble);
    if (trouble.bytesPerSecond !== null) this.connection.slow(trouble.bytesPerSecond);
    const { answer, lateMs } = trouble;
    const step = (): void => (answer === null ? usual() : this.#reply({ ...answer, why: trouble.why }));
    if (lateMs <= 0) return step();
    this.#state = 'waiting';
    // What was said before is not held back along with this.
    this.#flush();
    this.#hold(lateMs, trouble.why, (inTime) => {
      if (!inTime) return;
      this.#state = 'command';
      step();
      this.#goOn();
    });
  }

  /**
   * Holds the answer back. One wait at a time: the session takes no command meanwhile.
   * @returns whether it came to its time; false when the client left, or the door closes
   */
  wait(lateMs: number, why: string): Promise<boolean> {
    return new Promise((resolve) => this.#hold(lateMs, why, resolve));
  }

  #hold(lateMs: number, why: string, done: (inTime: boolean) => void): void {
    if (this.#state === 'closed') return done(false);
    const cancel = this.connection.later(lateMs, () => end(true));
    const end = (inTime: boolean): void => {
      cancel();
      this.#endWait = null;
      done(inTime);
    };
    this.#endWait = end;
    this.#waitsWhy = why;
    // Whoever does not listen does not hear the client go.
    if (this.#pending.length <= aheadBytesMax) this.connection.resume();
  }

  #greeting(): Reply {
    return (
      this.#hooks.gate?.connect(this) ??
      reply(220, null, `${this.#options.hostname} ${this.#options.greeting}`)
    );
  }

  /** Refuses at once, in place of the greeting or of an answer, and closes. */
  refuse(value: Reply): void {
    if (this.#state === 'closed') return;
    this.#reply(value);
    this.#flush();
    this.#close();
  }

  note(text: string): void {
    this.transcript.add('N', this.connection.elapsedMs(), text);
  }

  feed(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    this.#take(chunk);
    this.#flush();
  }

  /** The handshake is done: the client starts over with EHLO (RFC 3207 §4.2). */
  secured(): void {
    this.tls = true;
    this.clientName = null;
    this.#extended = false;
    this.#authOkay = false;
    this.user = null;
    this.#resetTransaction();
    this.#state = 'command';
  }

  /** Nothing that is said now reaches the client. */
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** The connection is gone; what was half received is dropped. @returns whether a message was cut off */
  abandon(): boolean {
    const heldBack = this.#endWait !== null;
    const midway = this.#aborted || heldBack || this.#receiving !== null || this.#transaction.begun;
    if (heldBack)
      this.lastRefusal = `the client went away while its answer was held back (${this.#waitsWhy})`;
    this.#close();
    return midway;
  }

  #take(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = empty;
    while (rest.length > 0) {
      if (this.#state === 'data') {
        const used = this.#takeData(rest);
        if (used === null) return;
        rest = rest.subarray(used);
      } else if (this.#state === 'command' || this.#state === 'auth') {
        const end = rest.indexOf(0x0a);
        if (end < 0 || end > commandBytesMax) {
          if (end < 0 && rest.length <= commandBytesMax) {
            this.#pending = rest;
            return;
          }
          this.#overlong();
          if (end < 0) return;
          this.#skipLine = false;
          rest = rest.subarray(end + 1);
          continue;
        }
        const line = rest.toString('utf8', 0, end > 0 && rest[end - 1] === 0x0d ? end - 1 : end);
        rest = rest.subarray(end + 1);
        if (this.#skipLine) this.#skipLine = false;
        else if (this.#state === 'auth') this.#authResponse(line);
        else this.#command(line);
      } else if (this.#state === 'waiting') {
        // Pipelined behind what is not answered yet: kept, and no more is read.
        this.#pending = rest;
        if (this.#endWait === null || rest.length > aheadBytesMax) this.connection.pause();
        return;
      } else {
        // 'tls': what was sent ahead of the handshake must not be taken as said inside it. 'closed': too late.
        return;
      }
    }
  }

  #skipLine = false;

  #overlong(): void {
    if (!this.#skipLine) {
      this.#said('(a line over the limit)');
      this.#authAnswer = null;
      if (this.#state === 'auth') this.#state = 'command';
      this.#reply(replies.lineTooLong);
    }
    this.#skipLine = true;
  }

  #command(line: string): void {
    const command = parseCommand(line);
    // A client that was refused AUTH may go on with user name and password all the same: unknown verbs are masked
    // until it says something else.
    const credential = this.#afterAuth && !knownVerbs.has(command.verb);
    this.#afterAuth = credential || command.verb === 'AUTH';
    if (command.verb !== 'AUTH') this.#said(credential ? '(masked: it may be a credential)' : line);
    switch (command.verb) {
      case 'EHLO':
        return this.#ehlo(command.argument);
      case 'HELO':
        return this.#helo(command.argument);
      case 'MAIL':
        return this.#mail(command);
      case 'RCPT':
        return this.#rcpt(command);
      case 'DATA':
        return this.#data(command);
      case 'RSET':
        this.#resetTransaction();
        return this.#reply(replies.reset);
      case 'NOOP':
        return this.#reply(replies.noop);
      case 'QUIT':
        return this.#reply(replies.bye);
      case 'AUTH':
        return this.#auth(command);
      case 'STARTTLS':
        return this.#starttls(command);
      case 'VRFY':
        return this.#reply(replies.verifyUnsure);
      case 'EXPN':
        return this.#reply(replies.expandUnknown);
      case 'HELP':
        return this.#reply(replies.help);
      case 'XCLIENT':
        return this.#xclient(command.argument);
      default:
        return this.#reply(speaksHttp(line) ? replies.speaksHttp : replies.unknownCommand);
    }
  }

  #ehlo(name: string): void {
    if (name === '') return this.#reply(replies.badSyntax('Syntax: EHLO hostname'));
    const trouble = this.#ask('ehlo');
    if (trouble === null) return this.#ehloAnswer(name);
    this.#resetTransaction();
    this.#meddle(trouble, () => this.#ehloAnswer(name));
  }

  #ehloAnswer(name: string): void {
    const welcome = this.#hello(name, true);
    if (welcome === null) return;
    this.#askTls();
    const offered = (this.#options.extensions ?? extensions).flatMap((one) => this.#offer(one) ?? []);
    if (this.#options.xclient === true) offered.push(`XCLIENT ${xclientNames.join(' ')}`);
    this.#reply(reply(250, null, welcome, ...offered));
  }

  #helo(name: string): void {
    if (name === '') return this.#reply(replies.badSyntax('Syntax: HELO hostname'));
    const trouble = this.#ask('ehlo');
    if (trouble === null) return this.#heloAnswer(name);
    this.#resetTransaction();
    this.#meddle(trouble, () => this.#heloAnswer(name));
  }

  #heloAnswer(name: string): void {
    const welcome = this.#hello(name, false);
    if (welcome !== null) this.#reply(reply(250, null, welcome));
  }

  /** What is wrong with STARTTLS is known when it is offered: once for EHLO and the command, as it is one occasion. */
  #askTls(): void {
    this.#tlsTrouble = undefined;
    if (!this.#mayStartTls() || this.#hooks.trouble?.asks('tls') !== true) return;
    this.#tlsTrouble = this.#ask('tls');
    if (this.#tlsTrouble?.tls === 'notOffered') {
      this.#noteAll(this.#tlsTrouble);
      this.note(`STARTTLS is not offered, ${this.#tlsTrouble.why}`);
    }
  }

  /** @returns what to say first, or null when the client was refused */
  #hello(name: string, extended: boolean): string | null {
    this.#resetTransaction();
    const welcome =
      this.#hooks.gate?.hello(this, name) ?? `${this.#options.hostname} greets ${printable(name)}`;
    if (typeof welcome !== 'string') {
      this.#reply(welcome);
      return null;
    }
    this.clientName = name;
    this.#extended = extended;
    return welcome;
  }

  /** The line that offers an extension, or null where it is not to be had now. */
  #offer(extension: Extension): string | null {
    switch (extension) {
      case 'SIZE':
        return this.#options.messageBytesMax > 0 ? `SIZE ${this.#options.messageBytesMax}` : null;
      case 'STARTTLS':
        return this.#mayStartTls() && this.#tlsTrouble?.tls !== 'notOffered' ? 'STARTTLS' : null;
      case 'AUTH':
        return this.#options.auth === 'none' || this.#tlsMissing() ? null : `AUTH ${mechanisms.join(' ')}`;
      case 'PIPELINING':
      case '8BITMIME':
      case 'SMTPUTF8':
      case 'DSN':
      case 'ENHANCEDSTATUSCODES':
        return extension;
    }
  }

  #offers(extension: Extension): boolean {
    return this.#options.extensions?.includes(extension) ?? true;
  }

  /** Postfix's XCLIENT: the session starts over, with the client that was named. */
  #xclient(argument: string): void {
    if (this.#options.xclient !== true) return this.#reply(replies.xclientRefused);
    if (this.#transaction.begun)
      return this.#reply(replies.badSequence('XCLIENT is not allowed during a transaction'));
    const parsed = parseXclient(argument);
    if (parsed === null) return this.#reply(replies.badSyntax('Syntax: XCLIENT NAME=value ADDR=value …'));
    this.peer = peerOf(this.peer, parsed);
    this.clientName = parsed.helo ?? null;
    this.#extended = false;
    this.note(`the client says that it is ${this.peer.address}`);
    this.#reply(this.#greeting());
  }

  #mayStartTls(): boolean {
    return this.#options.startTls !== 'off' && !this.tls;
  }

  #tlsMissing(): boolean {
    return this.#options.startTls === 'required' && !this.tls;
  }

  #starttls(command: Command): void {
    if (this.tls) return this.#reply(replies.tlsActive);
    if (this.#options.startTls === 'off') return this.#reply(replies.tlsNotOffered);
    if (command.argument !== '') return this.#reply(replies.badSyntax('STARTTLS takes no parameter'));
    const trouble = this.#troubleWithTls();
    if (trouble !== null) this.#noteAll(trouble);
    if (trouble?.tls === 'notOffered') return this.#reply({ ...replies.tlsNotOffered, why: trouble.why });
    if (trouble?.tls === 'refuse') return this.#reply({ ...replies.tlsRefused, why: trouble.why });
    this.#reply(replies.startTls);
    if (trouble?.tls === 'cut') return this.#reply({ ...replies.hangUp, why: trouble.why });
    if (this.#options.startTls === 'broken') return this.#reply(replies.hangUp);
    this.#flush();
    this.#state = 'tls';
    this.connection.startTls();
  }

  /** Rules that are gone by now break nothing any more, whatever EHLO was told. */
  #troubleWithTls(): Trouble | null {
    if (this.#hooks.trouble?.asks('tls') !== true) return null;
    return this.#tlsTrouble === undefined ? this.#ask('tls') : this.#tlsTrouble;
  }

  #mail(command: Command): void {
    if (this.clientName === null) return this.#reply(replies.badSequence('Send EHLO or HELO first'));
    if (this.#tlsMissing()) return this.#reply(replies.tlsRequired);
    if (this.#options.auth === 'required' && !this.#authOkay) return this.#reply(replies.authRequired);
    if (this.#transaction.begun)
      return this.#reply(replies.badSequence('MAIL was already given; DATA or RSET is next'));
    const parsed = parsePath('FROM', command.argument);
    if (!parsed.ok) return this.#reply(replies.badSyntax(parsed.why));
    const { address, parameters } = parsed.path;
    const fault =
      mailParameterFault(parameters, this.#extended) ??
      this.#notOffered(parameters) ??
      tooLargeFault(parameters, this.#options.messageBytesMax);
    if (fault !== null) return this.#reply(fault);
    const wrong = address === '' ? null : addressFault(address, parameters.SMTPUTF8 === true);
    if (wrong === 'needs_smtputf8') return this.#reply(replies.needsSmtputf8);
    if (wrong !== null) return this.#reply(replies.badSender('The sender address is malformed'));
    this.#transaction.named = address;
    const trouble = this.#ask('mail');
    if (trouble === null) return this.#mailAnswer(address, parameters);
    this.#meddle(trouble, () => this.#mailAnswer(address, parameters));
  }

  #mailAnswer(address: string, parameters: Parameters): void {
    const answer = this.#hooks.gate?.mail(this, address, parameters) ?? replies.senderOk;
    if (!isRefusal(answer)) this.#transaction.begin(address, parameters);
    this.#reply(answer);
  }

  /** Parameters of extensions that this door did not offer are unknown to it (RFC 5321 §4.1.1.11). */
  #notOffered(parameters: Parameters): Reply | null {
    const names = Object.keys(parameters);
    const wrong = names.find((name) => !this.#offers(extensionOf[name] ?? '8BITMIME'));
    return wrong === undefined ? null : replies.unknownParameter(printable(wrong));
  }

  #rcpt(command: Command): void {
    if (!this.#transaction.begun) return this.#reply(replies.badSequence('Send MAIL first'));
    const parsed = parsePath('TO', command.argument);
    if (!parsed.ok) return this.#reply(replies.badSyntax(parsed.why));
    const { address, parameters } = parsed.path;
    const fault = rcptParameterFault(parameters) ?? this.#notOffered(parameters);
    if (fault !== null) return this.#reply(fault);
    const wrong = addressFault(address, this.#transaction.utf8);
    if (wrong === 'needs_smtputf8') return this.#reply(replies.needsSmtputf8);
    if (wrong !== null) return this.#reply(replies.badRecipient('The recipient address is malformed'));
    if (this.#transaction.recipients.length >= this.#options.recipientsMax) {
      return this.#reply(replies.tooManyRecipients(this.#options.recipientsMax));
    }
    const trouble = this.#ask('rcpt', address);
    if (trouble === null) return this.#rcptAnswer(address, parameters);
    this.#meddle(trouble, () => this.#rcptAnswer(address, parameters));
  }

  #rcptAnswer(address: string, parameters: Parameters): void {
    const answer = this.#hooks.gate?.recipient(this, address, parameters) ?? replies.recipientOk;
    if (!isRefusal(answer)) this.#transaction.add(address, parameters);
    this.#reply(answer);
  }

  #data(command: Command): void {
    if (!this.#transaction.begun) return this.#reply(replies.badSequence('Send MAIL first'));
    if (this.#transaction.recipients.length === 0)
      return this.#reply(replies.badSequence('No recipient was accepted; send RCPT first'));
    if (command.argument !== '') return this.#reply(replies.badSyntax('DATA takes no parameter'));
    const trouble = this.#ask('data');
    if (trouble === null) return this.#dataAnswer();
    this.#meddle(trouble, () => this.#dataAnswer());
  }

  #dataAnswer(): void {
    const answer = this.#hooks.gate?.data(this) ?? replies.startData;
    if (isRefusal(answer)) return this.#reply(answer);
    const cut = this.#askMidData();
    this.#reply(answer);
    const spool: Spool = {
      room: () => this.#hooks.room(),
      spool: (chunk) => this.#hooks.spool(chunk),
      unspool: (chunks) => this.#hooks.unspool(chunks),
      pause: () => this.connection.pause(),
      resume: () => {
        if (this.#state === 'data') this.connection.resume();
      },
    };
    this.#receiving = new Receiving(this.#options.messageBytesMax, spool, cut);
    this.#state = 'data';
  }

  #askMidData(): CutWithin | null {
    const trouble = this.#ask('midData');
    if (trouble === null) return null;
    this.#noteAll(trouble);
    if (trouble.bytesPerSecond !== null) this.connection.slow(trouble.bytesPerSecond);
    return trouble.cutAfterBytes === null ? null : { afterBytes: trouble.cutAfterBytes, why: trouble.why };
  }

  #takeData(bytes: Buffer): number | null {
    const receiving = this.#receiving;
    if (receiving === null) throw new Error('DATA is being read without a reader');
    const { content, cut } = receiving;
    const used = receiving.push(bytes);
    if (used === 'cut') {
      this.note(`${content.bytes} bytes of the message have come; nothing of it is kept`);
      this.#reply({ ...replies.hangUp, ...(cut === null ? {} : { why: cut.why }) });
      return null;
    }
    if (used === null) return null;
    this.#receiving = null;
    this.#state = 'waiting';
    this.#finish(content);
    return used;
  }

  #finish(content: ContentBuffer): void {
    const envelope = this.#transaction.take();
    const settle = (answer: Reply): void => {
      if (this.#state !== 'waiting') return;
      if (!isRefusal(answer)) this.messages++;
      if (isCut(answer)) this.#aborted = true;
      this.#state = 'command';
      this.#reply(answer);
      this.#goOn();
    };
    const received = content.end();
    if (received === 'too_large') {
      this.note(`message of ${content.bytes} bytes, not kept`);
      return settle(replies.tooLarge(this.#options.messageBytesMax));
    }
    this.note(`message of ${content.bytes} bytes`);
    received
      .then((whole) =>
        this.#state === 'closed'
          ? this.#dropped(whole)
          : this.#hooks.message(this, envelope, whole, this.transcript.take()),
      )
      .then(settle, (error: unknown) => {
        this.note(
          `the message could not be stored: ${error instanceof Error ? error.message : String(error)}`,
        );
        settle(unstoredReply(error));
      });
  }

  /** The answer that was waited for is given: what came behind it has its turn. */
  #goOn(): void {
    const pending = this.#pending;
    this.#pending = empty;
    this.connection.resume();
    this.#take(pending);
    this.#flush();
  }

  /** The client went away before it could be told: the message was never acknowledged, so it is not kept. */
  #dropped(whole: ReceivedContent): Reply {
    this.#hooks.unspool(whole.spooled);
    return replies.storageFailed;
  }

  #auth(command: Command): void {
    const [name = '', initial] = command.argument.split(/ +/);
    this.#said(
      `AUTH ${mechanismName.test(name) ? name : '(masked)'}${initial === undefined ? '' : ' (masked)'}`,
    );
    if (this.#options.auth === 'none') return this.#reply(replies.authNotOffered);
    if (!this.#extended) return this.#reply(replies.badSequence('Send EHLO first'));
    if (this.#tlsMissing()) return this.#reply(replies.tlsRequired);
    if (this.#authOkay) return this.#reply(replies.badSequence('Already authenticated'));
    if (this.#transaction.begun)
      return this.#reply(replies.badSequence('AUTH is not allowed during a transaction'));
    const mechanism = mechanisms.find((offered): offered is Mechanism => offered === name.toUpperCase());
    if (mechanism === undefined) return this.#reply(replies.authUnknownMechanism);
    const response = initial === undefined ? null : decodeResponse(initial);
    if (initial !== undefined && response === null) return this.#reply(replies.authBadEncoding);
    this.#authNext(startAuth(mechanism, response, () => this.#hooks.challenge()));
  }

  #authResponse(line: string): void {
    const answer = this.#authAnswer;
    this.#authAnswer = null;
    this.#state = 'command';
    if (line === '*') {
      this.#said('*');
      return this.#reply(replies.authCanceled);
    }
    this.#said('(masked)');
    const response = decodeResponse(line);
    if (response === null || answer === null) return this.#reply(replies.authBadEncoding);
    this.#authNext(answer(response));
  }

  #authNext(step: AuthStep): void {
    switch (step.next) {
      case 'challenge':
        this.#authAnswer = step.answer;
        this.#state = 'auth';
        return this.#reply(reply(334, null, Buffer.from(step.text).toString('base64')));
      case 'malformed':
        return this.#reply(replies.badSyntax(step.why));
      case 'done': {
        const trouble = this.#ask('auth');
        this.note(`user name: ${printable(step.credentials.user)}`);
        if (trouble !== null) this.#noteAll(trouble);
        if (trouble !== null && trouble.answer !== null)
          return this.#reply({ ...trouble.answer, why: trouble.why });
        const refusal = this.#hooks.authenticate(step.credentials);
        if (refusal !== null) return this.#reply(refusal);
        this.user = step.credentials.user;
        this.#authOkay = true;
        this.#afterAuth = false;
        return this.#reply(replies.authOk);
      }
    }
  }

  #resetTransaction(): void {
    this.#receiving?.content.drop();
    this.#receiving = null;
    this.#transaction.reset();
  }

  #said(line: string): void {
    this.transcript.add('C', this.connection.elapsedMs(), printable(line));
  }

  #reply(value: Reply): void {
    const atMs = this.connection.elapsedMs();
    const text = formatReply(value);
    this.#out += text;
    const by = value.why === undefined ? '' : `, ${value.why}`;
    if (isCut(value)) this.note(`the connection is cut without a word${by}`);
    else if (value.lines.length === 1) this.transcript.add('S', atMs, text.slice(0, -2));
    else for (const line of text.split('\r\n')) if (line !== '') this.transcript.add('S', atMs, line);
    if (value.why !== undefined && !isCut(value)) this.note(`that was said ${value.why}`);
    if (isRefusal(value)) {
      this.refusals++;
      const said = isCut(value) ? 'the connection was cut' : text.slice(0, -2);
      this.lastRefusal = value.why === undefined ? said : `${said} (${value.why})`;
      // Refused for now (a recipient over the limit, say) or on purpose is no fault of the client's.
      if (
        value.code >= 500 &&
        value.why === undefined &&
        ++this.#faults >= this.#options.refusalsMax &&
        !value.close
      ) {
        return this.#reply(replies.tooManyErrors);
      }
    }
    if (isCut(value)) {
      this.#hangingUp = true;
      if (this.#transaction.begun || this.#receiving !== null) this.#aborted = true;
    }
    if (value.close) this.#close();
  }

  /** The connection is to be cut though nothing waits to be said. */
  #hangingUp = false;

  #flush(): void {
    if (this.#out === '' && !this.#hangingUp) return;
    const text = this.#out;
    this.#out = '';
    this.bytesOut += text.length;
    if (text !== '') this.connection.write(text);
    if (this.#hangingUp) this.connection.cut();
    else if (this.#state === 'closed') this.connection.end();
    this.#hangingUp = false;
  }

  #close(): void {
    this.#resetTransaction();
    this.#state = 'closed';
    this.#endWait?.(false);
  }
}

const empty = Buffer.alloc(0);

/** Nothing is said at all. */
function isCut(value: Reply): boolean {
  return value.lines.length === 0;
}

/** RFC 4422 §3.1, and small letters; what does not look like one may be a credential in the wrong place. */
const mechanismName = /^(?:[A-Z0-9_-]{0,20}|[a-z0-9_-]{1,20})$/;
const knownVerbs = new Set(
  'EHLO HELO MAIL RCPT DATA RSET NOOP QUIT AUTH STARTTLS VRFY EXPN HELP XCLIENT'.split(' '),
);

/** A web page can make a browser post to any port, with SMTP commands in the body: the request line gives it away. */
function speaksHttp(line: string): boolean {
  return /^[A-Z]{3,7} \S+ HTTP\/\d/.test(line);
}
