import { describe, expect, it } from 'vitest';
import { recipes } from '../../../core/connect/recipes.ts';

const facts = {
  host: '127.0.0.1',
  ports: { smtp: 40_125, submission: 40_587, http: 40_025 },
  url: 'http://127.0.0.1:40025',
  caFile: '/data/ca.pem',
};

/** The send API has a door of its own. */
const mail = (about: Parameters<typeof recipes>[0]) => recipes(about).filter(({ group }) => group !== 'send');

describe('recipes', () => {
  it('cover what apps send mail with, each under an id of its own', () => {
    const ids = recipes(facts).map((recipe) => recipe.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        ...[
          'nodemailer',
          'rails',
          'django',
          'laravel',
          'symfony',
          'spring',
          'aspnet',
          'go',
          'php-mail',
          'phpmailer',
        ],
        ...[
          'wordpress',
          'supabase',
          'python',
          'curl',
          'swaks',
          'msmtp',
          'postfix',
          'docker-compose',
          'environment',
        ],
      ]),
    );
  });

  it('name the port that this core really has', () => {
    for (const recipe of mail(facts).filter((entry) => entry.id !== 'tls')) {
      expect(recipe.code, recipe.id).toContain('40125');
      expect(recipe.code, recipe.id).not.toMatch(/undefined|null,|\b1025\b/);
    }
  });

  it('name a user only where one is asked for', () => {
    const named = recipes({ ...facts, user: 'shop' });
    expect(named.find((recipe) => recipe.id === 'nodemailer')?.code).toContain("user: 'shop'");
    for (const recipe of mail(facts)) expect(recipe.code, recipe.id).not.toContain('shop');
  });

  it('leave Supabase without a user name, with which it would insist on TLS', () => {
    const supabase = recipes({ ...facts, user: 'shop' }).find((recipe) => recipe.id === 'supabase');
    expect(supabase?.code).toMatch(/^SMTP_USER=$/m);
  });

  it('are none when the SMTP door is closed', () => {
    expect(mail({ ...facts, ports: { http: 8_025 } })).toEqual([]);
  });
});
