import { IconBellOff } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Phone, PhoneApp } from '../../../core/api/phones-schema.ts';
import type { Delivery, MessageDetail } from '../../../core/api/schema.ts';
import type { Platform } from '../../../core/model/phone.ts';
import { phonesQuery } from '../api/phones.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { RoomState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { openLink, opensOutside } from '../host/open-link.ts';
import { LockScreen } from '../phones/lock-screen.tsx';
import { currentDeliveries } from '../status/status-faces.ts';
import { Copy } from './found-panel.tsx';
import classes from './push-preview-tab.module.css';
import { type PushView, platformsOf } from './push-view.ts';

const screenNames: Readonly<Record<Platform, string>> = {
  ios: 'As an iPhone shows it',
  android: 'As an Android shows it',
  browser: 'As a browser shows it',
};

/** The push on the lock screens that it is for, and what its payload says in words. */
export function PushPreviewTab({ message }: { readonly message: MessageDetail }) {
  const { push } = message;
  const nowMs = useVirtualNow();
  const devices = useDevices(currentDeliveries(message.deliveries));
  if (push === null) {
    return (
      <RoomState icon={<IconBellOff size={28} stroke={1.3} aria-hidden />} title="It cannot be read yet">
        Source has its bytes as they came.
      </RoomState>
    );
  }
  const { content, details: request } = push;
  const at = message.deliveries[0]?.createdAt ?? message.receivedAt;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Preview">
      <div className={classes.screens}>
        {screensOf(push, message.deliveries, devices).map(({ platform, app: known }) => {
          const app = known ?? (request?.app || message.from?.address || 'app');
          const note = { id: message.id, app, at, content, messageId: message.id };
          return (
            <LockScreen
              key={platform}
              label={screenNames[platform]}
              platform={platform}
              size="short"
              online
              nowMs={nowMs}
              notes={content.silent ? [] : [note]}
              icons={[{ app, badge: content.badge ?? 0 }]}
              empty="It shows nothing: it wakes the app and gives it data."
            />
          );
        })}
      </div>
      <aside className={classes.facts} aria-label="What the payload says">
        <Facts push={push} />
        <Devices devices={devices} />
      </aside>
    </section>
  );
}

/** Where a delivery went, as far as a phone has its token now. */
interface Device {
  readonly deliveryId: string;
  readonly phone: Phone | null;
  readonly app: string | null;
}

const devicesMax = 6;

function useDevices(deliveries: readonly Delivery[]): readonly Device[] {
  const shown = deliveries.slice(0, devicesMax);
  const found = useQueries({ queries: shown.map(({ recipient }) => phonesQuery(recipient)) });
  return shown.map(({ id, recipient }, index) => {
    const phone = found[index]?.data?.entries[0] ?? null;
    const has = (one: PhoneApp) =>
      one.token === recipient || one.formerTokens.some(({ token }) => token === recipient);
    return { deliveryId: id, phone, app: phone?.apps.find(has)?.app ?? null };
  });
}

/** One for each kind of device that has it; by the providers, where no phone has the tokens. */
function screensOf(
  push: PushView,
  deliveries: readonly Delivery[],
  devices: readonly Device[],
): readonly { readonly platform: Platform; readonly app: string | null }[] {
  const byPlatform = new Map<Platform, string | null>();
  for (const { phone, app } of devices)
    if (phone !== null && !byPlatform.has(phone.platform)) byPlatform.set(phone.platform, app);
  if (byPlatform.size > 0) return [...byPlatform].map(([platform, app]) => ({ platform, app }));
  return platformsOf(push, deliveries).map((platform) => ({ platform, app: null }));
}

function Facts({ push }: { readonly push: PushView }) {
  const { content } = push;
  const rows: readonly (readonly [string, string | null])[] = [
    ['Title', content.title],
    ['Subtitle', content.subtitle],
    ['Body', content.body],
    ['Picture', content.image],
    ['Icon', content.icon],
    ['Badge', content.badge === null ? null : content.badge === 0 ? '0: taken off' : String(content.badge)],
    ['Sound', content.sound],
    ['Category', content.category],
    ['Group', content.group],
    ['Takes the place of', content.replaces],
    ['Interrupts', content.interruption === 'active' ? null : content.interruption],
  ];
  const data = Object.entries(content.data);
  return (
    <>
      {content.link !== null && (
        <div className={classes.link}>
          <span className={classes.name}>A tap opens</span>
          <DeepLink link={content.link} />
        </div>
      )}
      <dl className={classes.rows}>
        {rows.map(([name, value]) =>
          value === null || value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
        {content.actions.length > 0 && (
          <div>
            <dt>Buttons</dt>
            <dd>{content.actions.map(({ id, title }) => `${title} (${id})`).join(', ')}</dd>
          </div>
        )}
      </dl>
      {data.length > 0 && (
        <>
          <h2 className={classes.title}>Data for the app</h2>
          <dl className={classes.rows}>
            {data.map(([name, value]) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
}

/** A universal link can be opened; a scheme of the app's own leads nowhere here. */
function DeepLink({ link }: { readonly link: string }) {
  return (
    <span className={classes.url}>
      {opensOutside(link) ? (
        <button
          type="button"
          className={classes.open}
          onClick={() =>
            void openLink(link).catch((error: unknown) => toastProblem(error, 'The link could not be opened'))
          }
        >
          {link}
        </button>
      ) : (
        <code>{link}</code>
      )}
      <Copy value={link} label="Copy the deep link" />
    </span>
  );
}

/** Where it went: to act on it there. */
function Devices({ devices }: { readonly devices: readonly Device[] }) {
  if (devices.length === 0) return null;
  return (
    <>
      <h2 className={classes.title}>On the phones</h2>
      <ul className={classes.devices}>
        {devices.map(({ deliveryId, phone }) => (
          <li key={deliveryId}>
            {phone === null ? (
              <span className={classes.none}>No phone has this token now.</span>
            ) : (
              <Link to="/phones/$phoneId" params={{ phoneId: phone.id }} className={classes.open}>
                {phone.name}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
