import { expect, it } from 'vitest';
import { refusalMeaning, stepOf } from '../../../core/delivery/sms-status.ts';
import { smsProviders } from '../../../core/model/sms.ts';

it.each(smsProviders)(
  'takes a word of %s that it does not know for a failure, whatever it is called',
  (provider) => {
    for (const word of ['constructor', '__proto__', 'toString', ''])
      expect(stepOf(provider, { status: word, code: word, reason: null })).toMatchObject({
        kind: 'fail',
        class: null,
      });
    expect(refusalMeaning(provider, 'constructor', 400)).toMatchObject({ class: 'config' });
  },
);
