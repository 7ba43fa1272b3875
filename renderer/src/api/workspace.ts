import type { ImportReport } from '../../../core/api/workspace-schema.ts';
import { apiUrl } from '../base-path.ts';
import { request, withQuery } from './request.ts';

export type { ImportReport } from '../../../core/api/workspace-schema.ts';
export type MessageForm = 'mbox' | 'eml' | 'none';

export interface ExportChoices {
  readonly messages: MessageForm;
  readonly privateKeys: boolean;
}

export interface ImportChoices {
  readonly mode: 'add' | 'replace-settings';
  readonly dryRun: boolean;
}

export const workspaceFileUrl = ({ messages, privateKeys }: ExportChoices): string =>
  apiUrl(withQuery('/workspace/export', { messages, privateKeys: String(privateKeys) }));

export const importWorkspace = (file: Blob, { mode, dryRun }: ImportChoices): Promise<ImportReport> =>
  request(withQuery('/workspace/import', { mode, dryRun: String(dryRun) }), {
    method: 'POST',
    body: new Blob([file], { type: 'application/octet-stream' }),
  });
