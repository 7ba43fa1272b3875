import { describe, expect, it, vi } from 'vitest';
import { type ProjectPolicy, projectName, projectOf } from '../../../core/intake/projects.ts';

const policy: ProjectPolicy = { rules: [], fromUserName: true, header: 'X-Sandpost-Project', onTheFly: true };
const evidence = (about: Partial<Parameters<typeof projectOf>[1]> = {}) => ({
  door: 'smtp',
  user: null,
  isMail: true,
  recipients: ['max@example.com', 'ann@orders.example'],
  headerBlock: () => 'From: a@b\r\nX-App: Web Shop\r\n',
  ...about,
});

describe('a message belongs', () => {
  it('to main when nothing says otherwise', () => {
    expect(projectOf(policy, evidence())).toBe('main');
  });

  it('to the project of its user name', () => {
    expect(projectOf(policy, evidence({ user: 'Shop' }))).toBe('shop');
    expect(projectOf({ ...policy, fromUserName: false }, evidence({ user: 'shop' }))).toBe('main');
    // An account at a provider is no name that somebody chose for a project; a rule may go by it all the same.
    expect(projectOf(policy, evidence({ user: 'AC0123', isMail: false }))).toBe('main');
    const rules = [{ by: 'user', match: 'ac*', project: 'shop' } as const];
    expect(projectOf({ ...policy, rules }, evidence({ user: 'AC0123', isMail: false }))).toBe('shop');
  });

  it('to the project its header names, before its user name', () => {
    const headerBlock = () => 'x-sandpost-project:  Billing\r\nFrom: a@b\r\n';
    expect(projectOf(policy, evidence({ user: 'shop', headerBlock }))).toBe('billing');
    expect(projectOf({ ...policy, header: null }, evidence({ user: 'shop', headerBlock }))).toBe('shop');
  });

  it('to the project of the first rule that holds, before all else', () => {
    const rules: ProjectPolicy['rules'] = [
      { by: 'user', match: 'nobody*', project: 'one' },
      { by: 'recipient', match: '*@ORDERS.example', project: 'Orders' },
      { by: 'door', match: 'smtp', project: 'three' },
    ];
    expect(projectOf({ ...policy, rules }, evidence({ user: 'shop' }))).toBe('orders');
  });

  it.each([
    [{ by: 'user', match: 'sh?p', project: 'x' } as const, true],
    [{ by: 'door', match: 'smtp*', project: 'x' } as const, true],
    [{ by: 'door', match: 'smtps', project: 'x' } as const, false],
    [{ by: 'header', header: 'X-App', match: 'web*', project: 'x' } as const, true],
    [{ by: 'header', header: 'X-Other', match: '*', project: 'x' } as const, false],
    [{ by: 'header', match: '*', project: 'x' } as const, false],
    [{ by: 'recipient', match: '*@nowhere', project: 'x' } as const, false],
  ])('by the rule %j: %s', (rule, holds) => {
    expect(projectOf({ ...policy, fromUserName: false, rules: [rule] }, evidence({ user: 'shop' }))).toBe(
      holds ? 'x' : 'main',
    );
  });

  it('and its headers are looked at only when one of them matters', () => {
    const headerBlock = vi.fn(() => '');
    projectOf({ ...policy, header: null }, evidence({ headerBlock }));
    expect(headerBlock).not.toHaveBeenCalled();
  });
});

it.each([
  ['Shop', 'shop'],
  ['  my shop! ', 'my-shop'],
  ['me@example.com', 'me@example.com'],
  ['../../etc', '..-..-etc'],
  ['---', null],
  ['', null],
  ['日本', null],
  ['x'.repeat(100), 'x'.repeat(64)],
])('a name is made plain: %j', (text, name) => {
  expect(projectName(text)).toBe(name);
});
