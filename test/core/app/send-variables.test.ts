import { expect, it } from 'vitest';
import { sendVariableFaults } from '../../../core/app/send-variables.ts';

it('looks of a send’s variables only at those that the template declares', async () => {
  let looks = 0;
  const variables = new Proxy<Record<string, unknown>>(
    { more: 'text' },
    {
      ownKeys(target) {
        looks++;
        return Reflect.ownKeys(target);
      },
    },
  );
  const to = Array.from({ length: 3 }, (_, at) => ({ user: `user-${at}`, variables: { order: { id: at } } }));
  const ports = { users: { byIds: async () => new Map() }, nowMs: 0 };
  const order = { name: 'order.id', type: 'string', required: true, sample: null } as const;
  const faults = await sendVariableFaults({ to, variables, sendAtMs: null }, [order], ports);
  expect(faults).toMatchObject([{ field: 'variables.order.id', code: 'wrong_type' }]);
  expect(await sendVariableFaults({ to, variables, sendAtMs: null }, [], ports)).toEqual([]);
  expect(looks).toBe(0);
});
