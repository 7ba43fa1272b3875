import { describe, expect, it } from 'vitest';
import type { PayloadProblem } from '../../core/model/push.ts';
import { payloadLines, problemsByLine } from '../../renderer/src/message/payload-lines.ts';

const payload = JSON.stringify({
  aps: { alert: { title: 7, body: 'Hello' }, badge: '3' },
  items: [{ id: 1 }, 'two'],
  none: null,
  empty: {},
});

const problem = (field: string, refused = false): PayloadProblem => ({
  field,
  code: 'wrong_type',
  detail: 'It is wrong.',
  refused,
});

describe('a payload line by line', () => {
  it('looks like the JSON that it is, each line with its path', () => {
    const view = payloadLines(payload);
    const text = (view?.lines ?? [])
      .map(
        ({ indent, name, text: said }) => `${'  '.repeat(indent)}${name === '' ? '' : `"${name}": `}${said}`,
      )
      .join('\n');
    expect(text).toBe(
      JSON.stringify(JSON.parse(payload), null, 2).replaceAll(/(\{|\[)\n\s*(\}|\])/g, '$1$2'),
    );
    const paths = (view?.lines ?? []).map(({ path }) => path).filter((path) => path !== null);
    expect(paths).toEqual([
      '',
      'aps',
      'aps.alert',
      'aps.alert.title',
      'aps.alert.body',
      'aps.badge',
      'items',
      'items.0',
      'items.0.id',
      'items.1',
      'none',
      'empty',
    ]);
    expect(view?.cut).toBe(false);
  });

  it('is nothing where it is no JSON, and is cut where it never ends', () => {
    expect(payloadLines('{"aps":')).toBeNull();
    const long = payloadLines(JSON.stringify(Array.from({ length: 20_000 }, (_, index) => index)));
    expect(long?.cut).toBe(true);
    expect(long?.lines.length).toBeLessThanOrEqual(5_000);
  });

  it('has its problems at the field, and what is missing at what it should be in', () => {
    const lines = payloadLines(payload)?.lines ?? [];
    const at = (field: string): string | null | undefined => {
      const [index] = [...problemsByLine(lines, [problem(field)]).keys()];
      return lines[index ?? -1]?.path;
    };
    expect(at('aps.alert.title')).toBe('aps.alert.title');
    expect(at('items[0].id')).toBe('items.0.id');
    expect(at('aps.sound.name')).toBe('aps');
    expect(at('message.token')).toBe('');
    expect(at('')).toBe('');
    expect([...problemsByLine(lines, [problem('aps.badge'), problem('aps.badge', true)]).values()]).toEqual([
      [problem('aps.badge'), problem('aps.badge', true)],
    ]);
  });
});
