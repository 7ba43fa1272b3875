import { requestBytes } from '../api/request.ts';
import { basePath } from '../base-path.ts';
import { bridge, can } from './host.ts';

/** By then a browser has taken a text that is at hand. */
const downloadMsMax = 60_000;

/** Saves what an address of the API answers: by the host's own dialog, or as an ordinary download. */
export async function saveFile(url: string, suggestedName: string): Promise<void> {
  if (bridge !== null && can('saveFile')) {
    await bridge.saveFile(suggestedName, await requestBytes(url.slice(`${basePath}/v1`.length)));
    return;
  }
  download(`${url}${url.includes('?') ? '&' : '?'}download=1`, suggestedName);
}

/** The same for a text that is at hand. */
export async function saveText(text: string, suggestedName: string): Promise<void> {
  if (bridge !== null && can('saveFile')) {
    await bridge.saveFile(suggestedName, new TextEncoder().encode(text));
    return;
  }
  const url = URL.createObjectURL(new Blob([text]));
  download(url, suggestedName);
  setTimeout(() => URL.revokeObjectURL(url), downloadMsMax);
}

function download(url: string, suggestedName: string): void {
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = suggestedName;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/** A name that every file system takes. */
export function fileNameOf(title: string, extension: string): string {
  const clean = title
    .replaceAll(/[\p{Cc}\\/:*?"<>|]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 80);
  return `${clean === '' ? 'message' : clean}.${extension}`;
}
