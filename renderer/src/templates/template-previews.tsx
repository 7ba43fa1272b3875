import { Button, NativeSelect, SegmentedControl, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { anatomyOf } from '../../../core/model/sms-text.ts';
import type { UserChannel } from '../../../core/model/user.ts';
import type { Fault } from '../api/faults.ts';
import {
  type Template,
  type TemplateCheck,
  type TemplatePreview,
  templateHtmlUrl,
  templatePreviewQuery,
} from '../api/templates.ts';
import { usersFoundQuery } from '../api/users.ts';
import { formatBytes } from '../format.ts';
import { Bubble } from '../handsets/bubble.tsx';
import lockClasses from '../phones/lock-screen.module.css';
import { NotificationCard } from '../phones/notification-card.tsx';
import { useStored } from '../use-stored.ts';
import { ChannelIcon } from '../users/channel-icon.tsx';
import { InAppCard } from './in-app-card.tsx';
import { ProblemList } from './problem-list.tsx';
import { onceEach, type Place } from './problem-places.ts';
import classes from './templates-room.module.css';
import { WidthControl } from './width-control.tsx';

interface TemplatePreviewsProps {
  readonly template: Template;
  readonly revision: number;
  readonly channel: UserChannel | null;
  readonly locale: string | null;
  readonly faults: readonly Fault[];
  readonly warnings: TemplateCheck['warnings'];
  readonly onGo: (place: Place) => void;
}

/** What each channel would show of the draft, that which is written now first. */
export function TemplatePreviews(props: TemplatePreviewsProps) {
  const { template, revision, channel, locale, faults, warnings, onGo } = props;
  const [user, setUser] = useState('');
  const users = useQuery(usersFoundQuery('')).data ?? [];
  const asked = { locale, user: user === '' ? null : user };
  const { data, error } = useQuery({
    ...templatePreviewQuery(template.id, revision, asked),
    placeholderData: keepPreviousData,
  });
  const shown = channel ?? template.channels[0] ?? null;
  return (
    <section className={classes.preview} aria-label="Preview">
      <div className={classes.bar}>
        <NativeSelect
          label="As seen by"
          value={user}
          data={[
            { value: '', label: 'Somebody made up' },
            ...users.map(({ id, name }) => ({ value: id, label: name ?? id })),
          ]}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        {data !== undefined && (
          <span className={classes.dim}>
            {data.locale === null ? 'in the texts for all others' : `in ${data.locale}`}
          </span>
        )}
      </div>
      {error !== null && (
        <p className={classes.problems} data-tone="bad" role="alert">
          {error.message}
        </p>
      )}
      {data !== undefined && error === null && (
        <>
          {shown === 'email' && data.email !== null && (
            <MailCard
              email={data.email}
              src={(dark) => templateHtmlUrl(template.id, revision, asked, dark)}
            />
          )}
          {shown === 'push' && data.push !== null && <PushCard push={data.push} />}
          {shown === 'sms' && data.sms !== null && <SmsCard text={data.sms.text} from={data.sms.from} />}
          {shown === 'inapp' && data.inapp !== null && <InAppCard inapp={data.inapp} />}
          <Samples
            names={data.warnings.filter(({ code }) => code === 'sample').map(({ field }) => field)}
            onGo={onGo}
          />
        </>
      )}
      <ProblemList label="In the way of publishing it" tone="bad" all={faults} onGo={onGo} />
      <ProblemList
        label="What is odd about it"
        tone="warn"
        all={onceEach([...(data?.warnings ?? []).filter(({ code }) => code !== 'sample'), ...warnings])}
        onGo={onGo}
      />
    </section>
  );
}

/** What no send gave is not odd in a preview; it is good to know all the same. */
function Samples({
  names,
  onGo,
}: { readonly names: readonly string[] } & Pick<TemplatePreviewsProps, 'onGo'>) {
  if (names.length === 0) return null;
  return (
    <p className={classes.hint}>
      With the samples of{' '}
      <UnstyledButton
        className={classes.place ?? ''}
        onClick={() => onGo({ view: 'variables', channel: null, locale: undefined })}
      >
        {names.map((name) => name.replace(/^variables\./, '')).join(', ')}
      </UnstyledButton>
    </p>
  );
}

const phoneWidth = 375;

function MailCard({
  email,
  src,
}: {
  readonly email: NonNullable<TemplatePreview['email']>;
  readonly src: (dark: boolean) => string;
}) {
  const [width, setWidth] = useStored('template.width', 'desktop');
  const { colorScheme } = useMantineColorScheme();
  const [scheme, setScheme] = useState(colorScheme === 'dark' ? 'dark' : 'light');
  const [part, setPart] = useState<'html' | 'text'>('html');
  return (
    <div className={classes.card}>
      <div className={classes.cardHead}>
        <ChannelIcon channel="email" label={null} />
        <strong>{email.subject || 'No subject'}</strong>
        <span className={classes.dim}>{formatBytes(email.bytes)}</span>
      </div>
      <div className={classes.cardHead}>
        <WidthControl width={width} onChange={setWidth} />
        <SegmentedControl
          aria-label="Colours of the preview"
          value={scheme}
          onChange={setScheme}
          data={[
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
        <Button
          variant="subtle"
          size="compact-xs"
          aria-pressed={part === 'text'}
          onClick={() => setPart(part === 'text' ? 'html' : 'text')}
        >
          {part === 'text' ? 'Show the HTML' : 'Show the text'}
        </Button>
        {email.preheader !== null && <span className={classes.dim}>{email.preheader}</span>}
      </div>
      {part === 'text' ? (
        <pre className={classes.cardBody} style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
          {email.text}
        </pre>
      ) : (
        // No allowance at all: no scripts, no forms, no navigation, an origin of its own.
        <iframe
          key={src(scheme === 'dark')}
          className={classes.frame}
          data-scheme={scheme}
          title="HTML of the mail"
          sandbox=""
          referrerPolicy="no-referrer"
          src={src(scheme === 'dark')}
          style={width === 'phone' ? { width: phoneWidth, maxWidth: '100%' } : { width: '100%' }}
        />
      )}
    </div>
  );
}

function PushCard({ push }: { readonly push: NonNullable<TemplatePreview['push']> }) {
  const [platform, setPlatform] = useStored('template.platform', 'ios');
  return (
    <div className={classes.card}>
      <div className={classes.cardHead}>
        <ChannelIcon channel="push" label={null} />
        <strong>Lock screen</strong>
        <SegmentedControl
          aria-label="Platform"
          value={platform}
          onChange={setPlatform}
          data={[
            { value: 'ios', label: 'iOS' },
            { value: 'android', label: 'Android' },
          ]}
        />
      </div>
      <div className={classes.cardBody}>
        <div className={`${classes.lock} ${lockClasses.colours}`} data-platform={platform}>
          <NotificationCard
            platform={platform === 'android' ? 'android' : 'ios'}
            nowMs={0}
            acts={null}
            note={{
              id: 'preview',
              app: 'com.example.app',
              at: new Date(0).toISOString(),
              messageId: '',
              content: { ...plainNote, title: push.title, body: push.body, link: push.link },
            }}
          />
        </div>
        <p className={classes.hint}>
          {push.sizes.map((one) => `${one.provider} ${one.bytes} of ${one.bytesMax} bytes`).join(' · ')}
          {push.link !== null && ` · opens ${push.link}`}
          {push.image !== null && ` · picture ${push.image}`}
        </p>
        {Object.keys(push.data).length > 0 && (
          <table className={classes.table} aria-label="Data of the push">
            <tbody>
              {Object.entries(push.data).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">
                    <code>{name}</code>
                  </th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}

const plainNote = {
  title: null,
  subtitle: null,
  body: null,
  image: null,
  icon: null,
  badge: null,
  sound: null,
  category: null,
  group: null,
  replaces: null,
  link: null,
  actions: [],
  data: {},
  silent: false,
  interruption: 'active',
} as const;

function SmsCard({ text, from }: { readonly text: string; readonly from: string | null }) {
  const { texts, ...anatomy } = anatomyOf(text);
  return (
    <div className={classes.card}>
      <div className={classes.cardHead}>
        <ChannelIcon channel="sms" label={null} />
        <strong>{from ?? 'SMS'}</strong>
      </div>
      <div className={classes.cardBody}>
        <Bubble
          messageId={null}
          sms={{
            ...anatomy,
            unicode: [...anatomy.unicode],
            direction: 'mt',
            partTexts: [...texts],
            media: [],
            price: null,
          }}
        />
      </div>
    </div>
  );
}
