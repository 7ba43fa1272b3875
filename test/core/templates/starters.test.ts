import { describe, expect, it } from 'vitest';
import { starterTemplates } from '../../../core/templates/starters/index.ts';
import { templateWorld } from './world.ts';

describe('the starters', () => {
  it.each(starterTemplates.map((starter) => [starter.id, starter] as const))(
    '%s can be published as it is, and shows well on every channel',
    async (_id, { head, draft }) => {
      const { room } = await templateWorld();
      const { id } = await room.make(null, head, draft);
      expect(await room.check(id)).toEqual({ errors: [], warnings: [] });
      await room.publish(id, null);
      for (const locale of [null, ...Object.keys(draft.locales)]) {
        const preview = await room.preview(id, {
          version: null,
          locale,
          channels: ['email', 'push', 'sms', 'inapp'],
          variables: {},
          user: null,
        });
        expect(preview).toMatchObject({ locale, dir: locale === 'ar' ? 'rtl' : 'ltr' });
        const shown = JSON.stringify(preview);
        expect(shown).not.toContain('{{');
        expect(shown).not.toContain('{%');
        expect(shown).not.toContain('undefined');
        expect(preview.email?.html).toContain(locale === 'ar' ? 'dir="rtl"' : 'dir="ltr"');
        const odd = preview.warnings.filter(
          ({ code, field }) =>
            code !== 'sample' && !(locale === 'ar' && code === 'unicode' && field === 'sms.body'),
        );
        // The test's provider takes 20 letters.
        expect(odd.filter(({ field }) => field !== 'push')).toEqual([]);
      }
    },
  );
});
