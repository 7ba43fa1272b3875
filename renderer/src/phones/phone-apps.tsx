import { Button, Menu, Switch } from '@mantine/core';
import { IconRefresh, IconTrash } from '@tabler/icons-react';
import { useId } from 'react';
import type { Phone, PhoneApp } from '../../../core/api/phones-schema.ts';
import { install, rotateToken, setPermission, type Uninstall, uninstall } from '../api/phones.ts';
import { formatDateTime, plural } from '../format.ts';
import { Copy } from '../message/found-panel.tsx';
import { shortToken } from '../status/recipient-name.ts';
import { AppIcon } from './app-icon.tsx';
import { appName } from './app-names.ts';
import classes from './phone-apps.module.css';
import { goneWords, providerNames } from './phone-words.ts';
import { usePhoneAction } from './use-phone-action.ts';

const hourMs = 3_600_000;

/** Ways for an app to go: a provider often learns of it late. */
const ways: readonly { readonly label: string; readonly how: Uninstall }[] = [
  { label: 'The provider says so at once', how: {} },
  { label: 'It says so after the next send', how: { tellAfterSends: 1 } },
  { label: 'It says so after 3 sends', how: { tellAfterSends: 3 } },
  { label: 'It says so after an hour', how: { tellAfterMs: hourMs } },
  { label: 'It says so after 8 days', how: { tellAfterMs: 8 * 24 * hourMs } },
];

/** What is installed on a device, with its token and its switches. */
export function PhoneApps({ phone, onRegister }: { readonly phone: Phone; readonly onRegister: () => void }) {
  const id = useId();
  const browser = phone.platform === 'browser';
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 className={classes.heading} id={id}>
          {browser ? 'Pages that may push' : 'Apps'}
        </h2>
        <Button variant="default" size="compact-sm" onClick={onRegister}>
          {browser ? 'Subscribe a page…' : 'Register an app…'}
        </Button>
      </div>
      {phone.apps.length === 0 && (
        <p className={classes.none}>
          {browser
            ? 'No page has subscribed yet. Subscribing gives the JSON that a page would send to your server.'
            : 'No app is installed yet. Registering one gives the token that it would send to your server.'}
        </p>
      )}
      {phone.apps.map((app) => (
        <OneApp key={`${app.provider} ${app.app} ${app.token}`} phone={phone} app={app} />
      ))}
    </section>
  );
}

function OneApp({ phone, app }: { readonly phone: Phone; readonly app: PhoneApp }) {
  const act = usePhoneAction();
  const browser = phone.platform === 'browser';
  const gone = goneWords(app);
  const name = appName(app.app);
  return (
    <article className={classes.app} aria-label={name}>
      <AppIcon
        app={app.app}
        size={32}
        shape={phone.platform === 'ios' ? 'rounded' : 'round'}
        badge={app.badge}
      />
      <div className={classes.body}>
        <div className={classes.titleLine}>
          <span className={classes.name}>{name}</span>
          <span className={classes.dim}>
            {app.app} · {providerNames[app.provider]}
            {app.environment === null ? '' : `, ${app.environment}`}
          </span>
        </div>
        <div className={classes.token}>
          <span className={classes.dim}>{browser ? 'Subscription' : 'Token'}</span>
          <code title={app.token}>{shortToken(app.token)}</code>
          {browser && app.subscription !== null ? (
            <Copy
              value={JSON.stringify(app.subscription)}
              label={`Copy the subscription of ${name} as JSON`}
            />
          ) : (
            <Copy value={app.token} label={`Copy the token of ${name}`} />
          )}
          {app.formerTokens.length > 0 && (
            <span
              className={classes.dim}
              title={app.formerTokens
                .map(({ token, since }) => `${shortToken(token)} until ${formatDateTime(since)}`)
                .join('\n')}
            >
              {plural(app.formerTokens.length, 'former token is gone', 'former tokens are gone')}
            </span>
          )}
        </div>
        {app.topics.length > 0 && (
          <p className={classes.facts}>
            <span className={classes.dim}>Topics</span> {app.topics.join(', ')}
          </p>
        )}
        {app.linkSchemes.length + app.linkDomains.length > 0 && (
          <p className={classes.facts}>
            <span className={classes.dim}>Opens</span>{' '}
            {[...app.linkSchemes.map((scheme) => `${scheme}://`), ...app.linkDomains].join(', ')}
          </p>
        )}
        {app.dropped !== null && (
          <p className={classes.gone}>
            Sends to {phone.user ?? 'its user'} leave it out since {formatDateTime(app.dropped.at)}:{' '}
            {app.dropped.why}
          </p>
        )}
        {gone !== null && <p className={classes.gone}>{gone}</p>}
        <div className={classes.switches}>
          <Switch
            label="Permission"
            aria-label={`${name} may show notifications`}
            checked={app.permission === 'granted'}
            disabled={!app.installed}
            onChange={(event) =>
              void act(setPermission(phone.id, app.app, event.currentTarget.checked ? 'granted' : 'denied'))
            }
          />
          {app.permission === 'denied' && app.installed && (
            <span className={classes.warn}>
              Accepted, and never shown: the sender is told yes and learns nothing.
            </span>
          )}
        </div>
        <div className={classes.switches}>
          {app.installed ? (
            <>
              <Menu position="bottom-start">
                <Menu.Target>
                  <Button
                    variant="default"
                    size="compact-sm"
                    leftSection={<IconTrash size={13} aria-hidden />}
                    aria-label={`${browser ? 'Unsubscribe' : 'Uninstall'} ${name}`}
                  >
                    {browser ? 'Unsubscribe' : 'Uninstall'}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  {ways.map(({ label, how }) => (
                    <Menu.Item key={label} onClick={() => void act(uninstall(phone.id, app.app, how))}>
                      {label}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
              <Button
                variant="default"
                size="compact-sm"
                leftSection={<IconRefresh size={13} aria-hidden />}
                title="A new token takes its place; the old one is gone from then on."
                aria-label={`Rotate the token of ${name}`}
                onClick={() =>
                  void act(rotateToken(phone.id, app), 'It has a new token; the old one is gone')
                }
              >
                Rotate token
              </Button>
            </>
          ) : (
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`Install ${name} again`}
              onClick={() => void act(install(phone.id, app.app), 'Installed again')}
            >
              Install again
            </Button>
          )}
        </div>
      </div>
    </article>
  );
}
