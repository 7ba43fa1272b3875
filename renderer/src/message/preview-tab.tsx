import {
  ActionIcon,
  Button,
  SegmentedControl,
  Tooltip,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import {
  IconDeviceDesktop,
  IconDeviceMobile,
  IconDeviceTablet,
  IconLayoutSidebarRight,
  IconMoon,
  IconShieldLock,
  IconSun,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { htmlUrl } from '../api/messages.ts';
import { plural } from '../format.ts';
import { useStored } from '../use-stored.ts';
import { CalendarCards } from './calendar-cards.tsx';
import { FoundPanel } from './found-panel.tsx';
import classes from './preview-tab.module.css';
import { PlainText } from './text-tab.tsx';

const widths = { phone: 375, tablet: 768, desktop: null } as const;
type Width = keyof typeof widths;
const isWidth = (value: string): value is Width => value in widths;

/** The message as its reader would see it, in a frame that can do nothing and reach nothing. */
export function PreviewTab({ message }: { readonly message: MessageDetail }) {
  const [storedWidth, setWidth] = useStored('preview.width', 'desktop');
  const [panel, setPanel] = useStored('preview.panel', 'shown');
  const { colorScheme } = useMantineColorScheme();
  const [scheme, setScheme] = useState<'light' | 'dark'>(colorScheme === 'dark' ? 'dark' : 'light');
  const [remote, setRemote] = useState<'blocked' | 'loaded'>('blocked');
  const width = isWidth(storedWidth) ? storedWidth : 'desktop';

  return (
    <div className={classes.preview}>
      <div className={classes.bar}>
        {message.hasHtml ? (
          <>
            <SegmentedControl
              aria-label="Width"
              value={width}
              onChange={setWidth}
              data={[
                {
                  value: 'phone',
                  label: <Icon label="Phone, 375 px" icon={<IconDeviceMobile size={15} />} />,
                },
                {
                  value: 'tablet',
                  label: <Icon label="Tablet, 768 px" icon={<IconDeviceTablet size={15} />} />,
                },
                {
                  value: 'desktop',
                  label: <Icon label="Full width" icon={<IconDeviceDesktop size={15} />} />,
                },
              ]}
            />
            <SegmentedControl
              aria-label="Colours of the preview"
              value={scheme}
              onChange={(value) => setScheme(value === 'dark' ? 'dark' : 'light')}
              data={[
                { value: 'light', label: <Icon label="Light" icon={<IconSun size={15} />} /> },
                { value: 'dark', label: <Icon label="Dark" icon={<IconMoon size={15} />} /> },
              ]}
            />
            <RemoteNotice message={message} state={remote} onLoad={() => setRemote('loaded')} />
          </>
        ) : (
          <span className={classes.remote}>The message has no HTML; this is its text.</span>
        )}
        <div className={classes.space} />
        <Tooltip label="Links and codes">
          <ActionIcon
            aria-label="Links and codes"
            aria-pressed={panel === 'shown'}
            onClick={() => setPanel(panel === 'shown' ? 'hidden' : 'shown')}
          >
            <IconLayoutSidebarRight size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.body}>
        <div className={classes.stage}>
          <CalendarCards message={message} />
          {message.hasHtml ? (
            <HtmlFrame
              title={`HTML of ${message.subject}`}
              src={htmlUrl(message.id, { remote: remote === 'loaded', dark: scheme === 'dark' })}
              width={widths[width]}
              scheme={scheme}
            />
          ) : (
            <PlainText message={message} />
          )}
        </div>
        {panel === 'shown' && <FoundPanel id={message.id} />}
      </div>
    </div>
  );
}

interface HtmlFrameProps {
  readonly title: string;
  readonly src: string;
  readonly width: number | null;
  readonly scheme: 'light' | 'dark';
}

function HtmlFrame({ title, src, width, scheme }: HtmlFrameProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: gives the keys back when the pointer leaves; not a control
    <div className={classes.frameBox} data-narrow={width !== null} onMouseLeave={giveKeysBack}>
      {/* No allowance at all: no scripts, no forms, no navigation of the page around it, an origin of its own. */}
      <iframe
        key={src}
        className={classes.frame}
        data-scheme={scheme}
        title={title}
        sandbox=""
        referrerPolicy="no-referrer"
        src={src}
        style={width === null ? { width: '100%' } : { width, maxWidth: '100%' }}
      />
    </div>
  );
}

/** A frame that was clicked keeps the keyboard, and this page cannot hear it from there. */
function giveKeysBack(): void {
  if (document.activeElement instanceof HTMLIFrameElement) {
    document.activeElement.blur();
    document.getElementById('message')?.focus({ preventScroll: true });
  }
}

interface RemoteNoticeProps {
  readonly message: MessageDetail;
  readonly state: 'blocked' | 'loaded';
  readonly onLoad: () => void;
}

function RemoteNotice({ message, state, onLoad }: RemoteNoticeProps) {
  const count = message.remoteContent.length;
  if (count === 0) return null;
  if (state === 'loaded') return <span className={classes.remote}>Remote images fetched by the core</span>;
  return (
    <Tooltip multiline maw={420} label={<RemoteKinds message={message} />}>
      <span className={classes.remote} data-testid="remote-blocked">
        <IconShieldLock size={14} aria-hidden />
        {plural(count, 'remote thing', 'remote things')} blocked
        <Button variant="subtle" size="compact-xs" onClick={onLoad}>
          Load
        </Button>
      </span>
    </Tooltip>
  );
}

const remoteUrlsShownMax = 6;

function RemoteKinds({ message }: { readonly message: MessageDetail }) {
  const kinds = new Map<string, number>();
  for (const { kind } of message.remoteContent) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return (
    <>
      <div>{[...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ')}</div>
      {message.remoteContent.slice(0, remoteUrlsShownMax).map(({ url }) => (
        <div key={url} className={classes.remoteUrl}>
          {url}
        </div>
      ))}
    </>
  );
}

function Icon({ label, icon }: { readonly label: string; readonly icon: ReactNode }) {
  return (
    <Tooltip label={label}>
      <span className={classes.icon}>
        {icon}
        <VisuallyHidden>{label}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
