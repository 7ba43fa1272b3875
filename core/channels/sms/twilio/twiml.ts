/**
 * What the app answers to a message of a handset: TwiML, or plain text. Pure.
 * Sources: https://www.twilio.com/docs/messaging/twiml, https://www.twilio.com/docs/messaging/twiml/message,
 * https://www.twilio.com/docs/messaging/twiml/redirect
 */
import { Parser } from 'htmlparser2';

export interface TwimlMessage {
  /** Null: to whom it answers. */
  readonly to: string | null;
  readonly from: string | null;
  readonly body: string;
  readonly media: readonly string[];
  /** Where its reports go, as written: it may be relative. */
  readonly callback: string | null;
  readonly method: 'POST' | 'GET';
}

/** A code of Twilio's debugger, and what it says there. */
export interface TwimlFault {
  readonly code: number;
  readonly text: string;
}

export interface Twiml {
  readonly messages: readonly TwimlMessage[];
  /** Nothing after it is looked at. */
  readonly redirect: { readonly url: string; readonly method: 'POST' | 'GET' } | null;
  /** What is passed over: verbs that are none, messages without content. */
  readonly warnings: readonly TwimlFault[];
}

const messagesMax = 10;
const noTwiml: Twiml = { messages: [], redirect: null, warnings: [] };

/** @param contentType of the answer; null: it names none */
export function readAnswer(contentType: string | null, body: string): Twiml | TwimlFault {
  if (body.trim() === '') return noTwiml;
  const type = (contentType ?? 'text/xml').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/plain') return { ...noTwiml, messages: [{ ...emptyMessage, body: body.trim() }] };
  if (!/^(?:text\/(?:xml|html)|application\/(?:[\w.+-]*\+)?xml)$/.test(type))
    return {
      code: 12300,
      text: `Invalid Content-Type: ${type} is neither XML (text/xml, application/xml) nor text/plain`,
    };
  const tree = readXml(body);
  if ('code' in tree) return tree;
  return readResponse(tree);
}

export function isFault(read: Twiml | TwimlFault): read is TwimlFault {
  return 'code' in read;
}

const emptyMessage: TwimlMessage = {
  to: null,
  from: null,
  body: '',
  media: [],
  callback: null,
  method: 'POST',
};

function readResponse(root: Element): Twiml | TwimlFault {
  if (root.name !== 'Response')
    return {
      code: 12100,
      text: `Document parse failure: the root is <${root.name}>, and is to be <Response>`,
    };
  const messages: TwimlMessage[] = [];
  const warnings: TwimlFault[] = [];
  let redirect: Twiml['redirect'] = null;
  for (const child of root.children) {
    if (redirect !== null) break;
    switch (child.name) {
      // The older verb for the same.
      case 'Sms':
      case 'Message': {
        const message = readMessage(child);
        if (message.body === '' && message.media.length === 0)
          warnings.push({ code: 14103, text: 'Message: Invalid Body: it has neither text nor media' });
        else if (messages.length >= messagesMax)
          warnings.push({
            code: 14109,
            text: `Message: Reply message limit exceeded: ${messagesMax} at the most`,
          });
        else messages.push(message);
        break;
      }
      case 'Redirect':
        redirect = { url: child.text.trim(), method: methodOf(child.attributes.method) };
        break;
      default:
        warnings.push({
          code: 12200,
          text: `Schema validation warning: <${child.name}> is no verb of messaging, and is passed over`,
        });
    }
  }
  return { messages, redirect, warnings };
}

function readMessage({ attributes, children, text }: Element): TwimlMessage {
  const bodies = children.filter(({ name }) => name === 'Body').map((one) => one.text.trim());
  return {
    to: attributes.to ?? null,
    from: attributes.from ?? null,
    body: bodies.length > 0 ? bodies.join('\n') : text.trim(),
    media: children.filter(({ name }) => name === 'Media').map((one) => one.text.trim()),
    callback: attributes.statusCallback ?? attributes.action ?? null,
    method: methodOf(attributes.method),
  };
}

function methodOf(text: string | undefined): 'POST' | 'GET' {
  return text?.toUpperCase() === 'GET' ? 'GET' : 'POST';
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  /** Of itself, without its children's. */
  text: string;
}

const depthMax = 20;

/** The parser forgives what XML does not: what it mended by itself makes the document a bad one. */
function readXml(text: string): Element | TwimlFault {
  const bad = badReference(text);
  if (bad !== null) return parseFailure(`a bare & stands before ${JSON.stringify(bad)}: write &amp;`);
  const open: Element[] = [];
  const roots: Element[] = [];
  let fault: string | null = null;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const element: Element = { name, attributes, children: [], text: '' };
        const parent = open.at(-1);
        if (parent === undefined) roots.push(element);
        else parent.children.push(element);
        if (open.length >= depthMax) fault ??= `it is nested deeper than ${depthMax}`;
        open.push(element);
      },
      onclosetag(name, implied) {
        // `<Body/>` closes itself; what the end of the text, or of another element, closes was left open.
        if (implied && !isSelfClosed(text, parser.endIndex)) fault ??= `<${name}> is not closed`;
        open.pop();
      },
      ontext(data) {
        const element = open.at(-1);
        if (element !== undefined) element.text += data;
        else if (data.trim() !== '') fault ??= 'there is text outside the root';
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(text);
  parser.end();
  const [root, another] = roots;
  if (fault !== null) return parseFailure(fault);
  if (root === undefined) return parseFailure('it is no XML');
  return another === undefined ? root : parseFailure('it has more than one root');
}

function isSelfClosed(text: string, endIndex: number): boolean {
  return text.slice(Math.max(0, endIndex - 1), endIndex + 1) === '/>';
}

function parseFailure(why: string): TwimlFault {
  return { code: 12100, text: `Document parse failure: ${why}` };
}

/** @returns what follows an ampersand that begins no reference (XML 1.0 §4.1), or null */
function badReference(text: string): string | null {
  const outside = text.replace(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g, '');
  const found = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/.exec(outside);
  return found === null ? null : outside.slice(found.index + 1, found.index + 11);
}
