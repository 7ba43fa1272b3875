/** The text and the HTML of a message, by mailparser; attachments flow past and are not kept. */
import { MailParser } from 'mailparser';
import type { Problem } from '../model/message.ts';
import { headBytesMax, partsMax } from './structure.ts';

export interface Content {
  readonly text: string | null;
  readonly html: string | null;
  readonly problems: readonly Problem[];
}

/** HTML up to this size is also turned into text. */
const htmlToTextCharsMax = 1024 * 1024;
const sliceBytes = 256 * 1024;

export async function readContent(raw: Uint8Array): Promise<Content> {
  const content = await parseContent(raw, false);
  // HTML that cannot be turned into text, for its size or its depth, is no reason not to have it at all.
  return content.problems.length > 0 && content.html === null ? parseContent(raw, true) : content;
}

function parseContent(raw: Uint8Array, skipHtmlToText: boolean): Promise<Content> {
  return new Promise((resolve) => {
    let text: string | null = null;
    let html: string | null = null;
    const finish = (problems: readonly Problem[]): void => resolve({ text, html, problems });
    const parser = new MailParser({
      skipTextToHtml: true,
      skipHtmlToText,
      skipTextLinks: true,
      skipImageLinks: true,
      maxHtmlLengthToParse: htmlToTextCharsMax,
      maxHeadSize: headBytesMax,
      maxChildNodes: partsMax,
    } as ConstructorParameters<typeof MailParser>[0]);
    parser.on('data', (data) => {
      if (data.type === 'text') {
        text = typeof data.text === 'string' ? data.text : null;
        html = typeof data.html === 'string' ? data.html : null;
        return;
      }
      data.content.on('end', () => data.release());
      data.content.resume();
    });
    parser.once('end', () => finish([]));
    parser.once('error', (error: Error) => {
      finish([{ code: 'unreadable', detail: `The body could not be read to its end: ${error.message}` }]);
    });
    const write = (from: number): void => {
      if (from >= raw.length) {
        parser.end();
        return;
      }
      const slice = Buffer.from(raw.buffer, raw.byteOffset + from, Math.min(sliceBytes, raw.length - from));
      if (parser.write(slice)) write(from + slice.length);
      else parser.once('drain', () => write(from + slice.length));
    };
    write(0);
  });
}
