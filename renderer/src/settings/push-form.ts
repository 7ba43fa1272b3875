import type { PushSettings } from '../../../core/api/push-schema.ts';
import { readWords, writeWords } from '../word-list.ts';

type ApnsSettings = PushSettings['apns'];
type FcmSettings = PushSettings['fcm'];

/** What of the settings of APNs a person writes. */
export interface ApnsForm {
  readonly perDevicePerSecond: string;
  readonly topics: string;
  readonly broadcastApps: string;
}

export const apnsForm = (settings: ApnsSettings): ApnsForm => ({
  perDevicePerSecond: settings.perDevicePerSecond === 0 ? '' : String(settings.perDevicePerSecond),
  topics: writeWords(settings.topics),
  broadcastApps: writeWords(settings.broadcastApps),
});

/** @returns null when the number is none */
export function readApnsForm(form: ApnsForm): Partial<ApnsSettings> | null {
  const text = form.perDevicePerSecond.trim();
  if (!/^\d*$/.test(text)) return null;
  return {
    perDevicePerSecond: Number(text),
    topics: readWords(form.topics),
    broadcastApps: readWords(form.broadcastApps),
  };
}

/** What of the settings of FCM a person writes. */
export interface FcmForm {
  readonly projects: string;
  readonly metadataProject: string;
  readonly metadataNumber: string;
  readonly metadataEmail: string;
}

export const fcmForm = ({ projects, metadata }: FcmSettings): FcmForm => ({
  projects: writeWords(projects.map(({ id }) => id)),
  metadataProject: metadata.projectId,
  metadataNumber: metadata.projectNumber,
  metadataEmail: metadata.email ?? '',
});

/** What was said of a project besides its id is kept. */
export function readFcmForm(form: FcmForm, saved: FcmSettings): Partial<FcmSettings> {
  const email = form.metadataEmail.trim();
  return {
    projects: readWords(form.projects).map(
      (id) => saved.projects.find((project) => project.id === id) ?? { id, number: null, apps: [] },
    ),
    metadata: {
      projectId: form.metadataProject.trim(),
      projectNumber: form.metadataNumber.trim(),
      email: email === '' ? null : email,
    },
  };
}

export interface ReadAccount {
  readonly clientEmail: string;
  readonly projectId: string | null;
  readonly privateKey: string;
}

/** The JSON file of a service account, as Google Cloud hands it out. @returns null when it is another file */
export function readAccountFile(text: string): ReadAccount | null {
  const file = jsonOf(text);
  if (typeof file !== 'object' || file === null) return null;
  if (!('client_email' in file) || !('private_key' in file)) return null;
  const { client_email: clientEmail, private_key: privateKey } = file;
  if (typeof clientEmail !== 'string' || typeof privateKey !== 'string') return null;
  const projectId = 'project_id' in file && typeof file.project_id === 'string' ? file.project_id : null;
  return { clientEmail, projectId, privateKey };
}

/** Apple names a key's file for its id. @returns the id; empty for a file of another name */
export function keyIdOf(fileName: string): string {
  return /^AuthKey_([A-Z0-9]{10})\b.*\.p8$/i.exec(fileName)?.[1] ?? '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file that somebody picked by mistake; what it is not is all there is to say of it.
    return null;
  }
}
