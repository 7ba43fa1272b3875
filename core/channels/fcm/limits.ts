/**
 * How fast FCM takes messages: off unless a setting wants it. Real time, for the client's program waits in it.
 * Source: https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas
 */
import { RecentMap } from '../../rules/recent-map.ts';
import type { FcmSettings } from './settings.ts';

export interface Exceeded {
  /** As google.rpc.QuotaFailure has it. */
  readonly subject: string;
  readonly description: string;
  readonly retryAfterS: number;
}

export interface RateLimits {
  /** Counts it, and says what it is too many for; null: nothing. */
  ofProject(project: string, settings: FcmSettings): Exceeded | null;
  ofDevice(device: DeviceSend, settings: FcmSettings): Exceeded | null;
}

export interface DeviceSend {
  readonly token: string;
  readonly android: boolean;
  readonly collapsible: boolean;
}

const devicePerMinute = 240;
const devicePerHour = 5_000;
const projectPerMinute = 600_000;
const collapsibleBurst = 20;
const collapsibleRefillMs = 180_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
/** Tokens and projects remembered; the one that was not asked about for longest goes first. */
const rememberedMax = 100_000;

interface Window {
  sinceMs: number;
  count: number;
}

interface Bucket {
  left: number;
  atMs: number;
}

export function createRateLimits(monotonicMs: () => number): RateLimits {
  const minutes = new RecentMap<Window>(rememberedMax);
  const hours = new RecentMap<Window>(rememberedMax);
  const projects = new RecentMap<Window>(rememberedMax);
  const bursts = new RecentMap<Bucket>(rememberedMax);

  function windowOf(windows: RecentMap<Window>, key: string, spanMs: number): Window {
    const nowMs = monotonicMs();
    const known = windows.get(key);
    if (known !== undefined && nowMs - known.sinceMs < spanMs) return known;
    const fresh = { sinceMs: nowMs, count: 0 };
    windows.set(key, fresh);
    return fresh;
  }

  /** Seconds until it is empty again. */
  function leftOf({ sinceMs }: Window, spanMs: number): number {
    return Math.max(1, Math.ceil((sinceMs + spanMs - monotonicMs()) / 1000));
  }

  function bucketOf(token: string): Bucket {
    const nowMs = monotonicMs();
    const bucket = bursts.get(token) ?? { left: collapsibleBurst, atMs: nowMs };
    const refilled = Math.floor((nowMs - bucket.atMs) / collapsibleRefillMs);
    bucket.left = Math.min(collapsibleBurst, bucket.left + refilled);
    bucket.atMs = bucket.left === collapsibleBurst ? nowMs : bucket.atMs + refilled * collapsibleRefillMs;
    bursts.set(token, bucket);
    return bucket;
  }

  return {
    ofProject(project, settings) {
      if (!settings.projectRate) return null;
      const window = windowOf(projects, project, minuteMs);
      if (window.count >= projectPerMinute)
        return {
          subject: `project:${project}`,
          description: `Quota exceeded: ${projectPerMinute} messages per minute per project.`,
          retryAfterS: leftOf(window, minuteMs),
        };
      window.count++;
      return null;
    },
    ofDevice({ token, android, collapsible }, settings) {
      const subject = `token:${token}`;
      const bucket = settings.collapsibleRate && collapsible ? bucketOf(token) : null;
      const rated = settings.deviceRates && android;
      const hour = rated ? windowOf(hours, token, hourMs) : null;
      const minute = rated ? windowOf(minutes, token, minuteMs) : null;
      if (bucket?.left === 0)
        return {
          subject,
          description: `Quota exceeded: ${collapsibleBurst} collapsible messages per app and device, refilled by 1 every 3 minutes.`,
          retryAfterS: Math.max(1, Math.ceil((bucket.atMs + collapsibleRefillMs - monotonicMs()) / 1000)),
        };
      if (hour !== null && hour.count >= devicePerHour)
        return {
          subject,
          description: `Quota exceeded: ${devicePerHour} messages per hour per device.`,
          retryAfterS: leftOf(hour, hourMs),
        };
      if (minute !== null && minute.count >= devicePerMinute)
        return {
          subject,
          description: `Quota exceeded: ${devicePerMinute} messages per minute per device.`,
          retryAfterS: leftOf(minute, minuteMs),
        };
      // What is refused by one of them counts for none.
      if (bucket !== null) bucket.left--;
      if (hour !== null) hour.count++;
      if (minute !== null) minute.count++;
      return null;
    },
  };
}
