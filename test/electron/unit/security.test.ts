import { expect, it } from 'vitest';
import { capabilitiesFor } from '../../../electron/capabilities.ts';
import { refusedChange } from '../../../electron/preferences.ts';
import { mayLoad, parseExternalUrl } from '../../../electron/security.ts';
import { parseStatusAction, statusPageFor } from '../../../electron/status-page.ts';

const facts = { platform: 'linux', packaged: true, notifications: true };

it('opens http, https and mailto outside, and nothing else', () => {
  expect(parseExternalUrl('https://example.com/a?b=c')).toBe('https://example.com/a?b=c');
  expect(parseExternalUrl('mailto:jane@example.com')).toBe('mailto:jane@example.com');
  for (const url of [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/share',
    'ms-msdt:/x',
    'x',
    null,
    7,
  ]) {
    expect(parseExternalUrl(url)).toBeNull();
  }
});

it('loads from the core alone, WebSocket included', () => {
  const core = 'http://127.0.0.1:8025';
  expect(mayLoad('http://127.0.0.1:8025/messages', core)).toBe(true);
  expect(mayLoad('ws://127.0.0.1:8025/v1/live', core)).toBe(true);
  expect(mayLoad('data:text/html,x', null)).toBe(true);
  for (const url of [
    'http://127.0.0.1:8026/',
    'https://127.0.0.1:8025/',
    'https://example.com/',
    'file:///etc/passwd',
  ]) {
    expect(mayLoad(url, core)).toBe(false);
  }
  expect(mayLoad('http://127.0.0.1:8025/', null)).toBe(false);
});

it('gives a core on another machine nothing that touches this one', () => {
  expect(capabilitiesFor('http://core.example:8025/', facts)).toEqual(['notify', 'badge', 'theme', 'mode']);
  expect(capabilitiesFor('http://127.evil.example:8025/', facts)).toEqual([
    'notify',
    'badge',
    'theme',
    'mode',
  ]);
  for (const url of ['http://127.0.0.1:8025/', 'http://[::1]:8025/', 'http://sandpost.localhost:8025/']) {
    expect(capabilitiesFor(url, facts)).toContain('saveFile');
  }
});

it('lets a core that a person named say nothing of what program runs here next', () => {
  // A port of this machine may be the end of a tunnel.
  const named = capabilitiesFor('http://127.0.0.1:8025/', { ...facts, attached: true });
  expect(named).not.toContain('updates');
  expect(named).not.toContain('workspaces');
  expect(refusedChange({ updateFeed: 'https://updates.example/' }, named)).toBe('updates');
  expect(refusedChange({ closeToTray: true, attachUrl: null }, named)).toBeNull();
  const own = capabilitiesFor('http://127.0.0.1:8025/', facts);
  expect(refusedChange({ updateFeed: null, startAtLogin: true }, own)).toBeNull();
  const fromSource = capabilitiesFor('http://127.0.0.1:8025/', { ...facts, packaged: false });
  expect(refusedChange({ startInTray: true }, fromSource)).toBe('startAtLogin');
});

it('shows what a core said as text, and offers what helps', () => {
  const failure = { code: 'port_taken' as const, detail: '<img src=x onerror=alert(1)>', log: [] };
  const page = statusPageFor({ kind: 'failed', failure }, false) ?? '';
  const html = Buffer.from(page.split(',')[1] ?? '', 'base64').toString('utf8');
  expect(html).toContain('&lt;img src=x');
  expect(html).not.toContain('<img');
  expect(html).toContain('Start on free ports');
});

it('takes no other links of that page for actions', () => {
  expect(parseStatusAction('sandpost-shell://retry')).toBe('retry');
  for (const url of ['sandpost-shell://toString', 'sandpost-shell://', 'https://retry']) {
    expect(parseStatusAction(url)).toBeNull();
  }
});
