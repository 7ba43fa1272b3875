import { IconMessageOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { smsOfMessageQuery } from '../api/handsets.ts';
import { formatCount, plural } from '../format.ts';
import { RoomState } from '../frame/room-states.tsx';
import { Bubble, WhyUnicode } from '../handsets/bubble.tsx';
import { encodingWords, standingWords, stateShapes, stateTones } from '../handsets/handset-words.ts';
import classes from './sms-preview-tab.module.css';

/** More are in the room Phones. */
const numbersShownMax = 12;

/** The bubble on its phone, cut into parts; how it was counted; and where it stands at each number. */
export function SmsPreviewTab({ message }: { readonly message: MessageDetail }) {
  const { sms, id } = message;
  const rows = useQuery(smsOfMessageQuery(id)).data ?? [];
  if (sms === null) {
    return (
      <RoomState icon={<IconMessageOff size={28} stroke={1.3} aria-hidden />} title="It cannot be read yet">
        Source has its bytes as they came.
      </RoomState>
    );
  }
  // One that reached a handset is shown as it got there: with its own short links.
  const [row] = rows;
  const shown = row ?? ({ ...sms, direction: 'mt', price: null } as const);
  const { units, unitsLeft, characters, encoding, parts } = shown;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Preview">
      <div className={classes.bubble}>
        <span className={classes.sender}>{shown.direction === 'mt' ? sms.sender : ''}</span>
        <Bubble sms={shown} messageId={id} />
        <WhyUnicode sms={shown} />
      </div>
      <aside className={classes.facts} aria-label="How it is counted">
        <dl className={classes.rows}>
          <div>
            <dt>Encoding</dt>
            <dd>{encodingWords[encoding]}</dd>
          </div>
          <div>
            <dt>Parts</dt>
            <dd>
              {plural(parts, 'part', 'parts')}
              {parts > 1 && ', each with a header of its own'}
            </dd>
          </div>
          <div>
            <dt>Characters</dt>
            <dd>
              {formatCount(characters)}, {formatCount(units)}{' '}
              {encoding === 'UCS-2' ? '16-bit units' : 'septets'}, {formatCount(unitsLeft)} left in the last
              part
            </dd>
          </div>
          {'price' in shown && shown.price !== null && (
            <div>
              <dt>Price</dt>
              <dd>
                {shown.price.amount} {shown.price.currency}
                {rows.length > 1 && ' for each number'}
              </dd>
            </div>
          )}
          {sms.callbackUrl !== null && (
            <div>
              <dt>Reports go to</dt>
              <dd>{sms.callbackUrl}</dd>
            </div>
          )}
          {sms.trackedLinks.length > 0 && (
            <div>
              <dt>Short links lead to</dt>
              <dd>{sms.trackedLinks.join(', ')}</dd>
            </div>
          )}
          {sms.sentText !== null && (
            <div>
              <dt>As it was written</dt>
              <dd>{sms.text}</dd>
            </div>
          )}
        </dl>
        {rows.length > 0 && (
          <>
            <h2 className={classes.title}>On the handsets</h2>
            <ul className={classes.numbers}>
              {rows.slice(0, numbersShownMax).map((one) => (
                <li key={one.id}>
                  <Link
                    to="/phones/handsets/$number"
                    params={{ number: one.number }}
                    search={{ sender: one.sender }}
                    className={classes.link}
                  >
                    {one.number}
                  </Link>{' '}
                  <span className={classes.standing} data-tone={stateTones[one.state]}>
                    <span aria-hidden>{stateShapes[one.state]} </span>
                    {standingWords(one)}
                  </span>
                </li>
              ))}
            </ul>
            {rows.length > numbersShownMax && (
              <p className={classes.more}>and {formatCount(rows.length - numbersShownMax)} more</p>
            )}
          </>
        )}
      </aside>
    </section>
  );
}
