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

export function createRateLimits(monotonicMs: () => number): RateLimits {
  const minutes = new RecentMap<Window>(rememberedMax);
  const hours = new RecentMap<Window>(rememberedMax);
  const projects = new RecentMap<Window>(rememberedMax);
  const bursts = new RecentMap<{ left: number; atMs: number }>(rememberedMax);

  /** @returns seconds until the window ends, where it is full; else null, and it is counted */
  function full(windows: RecentMap<Window>, key: string, spanMs: number, max: number): number | null {
    const nowMs = monotonicMs();
    let window = windows.get(key);
    if (window === undefined || nowMs - window.sinceMs >= spanMs) {
      window = { sinceMs: nowMs, count: 0 };
      windows.set(key, window);
    }
    if (window.count >= max) return Math.max(1, Math.ceil((window.sinceMs + spanMs - nowMs) / 1000));
    window.count++;
    return null;
  }

  function collapsible(token: string): number | null {
    const nowMs = monotonicMs();
    const bucket = bursts.get(token) ?? { left: collapsibleBurst, atMs: nowMs };
    const refilled = Math.floor((nowMs - bucket.atMs) / collapsibleRefillMs);
    bucket.left = Math.min(collapsibleBurst, bucket.left + refilled);
    bucket.atMs = bucket.left === collapsibleBurst ? nowMs : bucket.atMs + refilled * collapsibleRefillMs;
    bursts.set(token, bucket);
    if (bucket.left === 0) return Math.max(1, Math.ceil((bucket.atMs + collapsibleRefillMs - nowMs) / 1000));
    bucket.left--;
    return null;
  }

  return {
    ofProject(project, settings) {
      if (!settings.projectRate) return null;
      const retryAfterS = full(projects, project, minuteMs, projectPerMinute);
      return retryAfterS === null
        ? null
        : {
            subject: `project:${project}`,
            description: `Quota exceeded: ${projectPerMinute} messages per minute per project.`,
            retryAfterS,
          };
    },
    ofDevice({ token, android, collapsible: isCollapsible }, settings) {
      const subject = `token:${token}`;
      if (settings.collapsibleRate && isCollapsible) {
        const retryAfterS = collapsible(token);
        if (retryAfterS !== null)
          return {
            subject,
            description: `Quota exceeded: ${collapsibleBurst} collapsible messages per app and device, refilled by 1 every 3 minutes.`,
            retryAfterS,
          };
      }
      if (!settings.deviceRates || !android) return null;
      const untilHour = full(hours, token, hourMs, devicePerHour);
      if (untilHour !== null)
        return {
          subject,
          description: `Quota exceeded: ${devicePerHour} messages per hour per device.`,
          retryAfterS: untilHour,
        };
      const untilMinute = full(minutes, token, minuteMs, devicePerMinute);
      return untilMinute === null
        ? null
        : {
            subject,
            description: `Quota exceeded: ${devicePerMinute} messages per minute per device.`,
            retryAfterS: untilMinute,
          };
    },
  };
}
