import { describe, expect, it } from 'vitest';
import { startCore } from '../../start-core.ts';
import { deliveriesOf, mail } from './journey.ts';

describe('a plain message', () => {
  it('by SMTP ends in the inbox with SPF, DKIM and DMARC pass', async () => {
    const core = await startCore();
    const id = await core.send(mail({}), 'hello@shop.example', ['jane@gmail.com', 'bob@nowhere.example']);
    await core.app.settled();
    const deliveries = await deliveriesOf(core, id);
    console.log(JSON.stringify(deliveries, null, 1), core.log);
    const detail = await core.json(`/v1/deliveries/${deliveries[0]?.id}`);
    console.log(JSON.stringify(detail, null, 1).slice(0, 6000));
    const auth = await core.json(`/v1/messages/${id}/auth`);
    console.log(JSON.stringify(auth, null, 1).slice(0, 5000));
    expect(deliveries.map((one) => [one.status, one.placement])).toEqual([
      ['delivered', 'inbox'],
      ['delivered', 'inbox'],
    ]);
  });
});
