import { AppError } from '../model/app-error.ts';

/** The body, up to a limit that holds while it is read, whatever Content-Length says. @param what it is, in words */
export async function readBody(request: Request, bytesMax: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax)
      throw new AppError('too_large', `The ${what} exceeds the limit of ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
