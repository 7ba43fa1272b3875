import { ActionIcon, Button, Switch, TextInput, Tooltip, useComputedColorScheme } from '@mantine/core';
import { IconBolt, IconBrowser, IconDeviceMobile, IconRefresh, IconUserPlus } from '@tabler/icons-react';
import { type FormEvent, type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import type { DemoOrder, DemoState } from '../../../client/inapp/demo/demo.ts';
import type { InAppPass } from '../api/inapp.ts';
import { inAppUrl } from '../base-path.ts';
import classes from './app-frame.module.css';

export type Surface = 'phone' | 'browser';

export const surfaceNames: Readonly<Record<Surface, string>> = { phone: 'Phone', browser: 'Browser' };

/** What can be done to a frame from elsewhere: the palette. */
export interface FrameHandle {
  focusEvent(): void;
  newSession(): void;
}

interface AppFrameProps {
  readonly surface: Surface;
  readonly pass: InAppPass;
  readonly handle: Ref<FrameHandle>;
  /** Null: the page is loading, or gone. */
  readonly onState: (state: DemoState | null) => void;
}

const connectionWords = {
  live: { shape: '●', word: 'live' },
  polling: { shape: '◔', word: 'polls' },
  refused: { shape: '⊘', word: 'refused' },
  stopped: { shape: '∅', word: 'stopped' },
  offline: { shape: '✕', word: 'offline' },
  loading: { shape: '○', word: 'loading' },
} as const;

/** A small app that really uses the client for web apps, as one device of the user: it pulls, shows and tells. */
export function AppFrame({ surface, pass, handle, onState }: AppFrameProps) {
  const name = surfaceNames[surface];
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLIFrameElement>(null);
  const eventField = useRef<HTMLInputElement>(null);
  const page = useRef('/');
  const [session, setSession] = useState(newSession);
  const [loads, setLoads] = useState(0);
  const [online, setOnline] = useState(true);
  const [state, setState] = useState<DemoState | null>(null);
  const [address, setAddress] = useState('/');
  const [event, setEvent] = useState('add_to_cart');
  const { user, key, hash } = pass;

  // Where it was when it is loaded again; from then on the page itself goes from one to the next.
  const src = useMemo(() => {
    const query = new URLSearchParams({
      user,
      key,
      hash,
      surface,
      session,
      theme: scheme,
      url: page.current,
    });
    return inAppUrl(`/demo?${query}`);
  }, [user, key, hash, surface, session, scheme, loads]);

  useEffect(() => {
    const hear = ({ origin, source, data }: MessageEvent<DemoState>) => {
      if (origin !== location.origin || source !== frame.current?.contentWindow) return;
      if (data?.type !== 'sandpost-inapp') return;
      if (data.url !== page.current) setAddress(data.url);
      page.current = data.url;
      setState(data);
      onState(data);
    };
    window.addEventListener('message', hear);
    return () => window.removeEventListener('message', hear);
  }, [onState]);

  const order = (what: Omit<DemoOrder, 'type'>) => {
    const full: DemoOrder = { type: 'sandpost-inapp-do', ...what };
    frame.current?.contentWindow?.postMessage(full, location.origin);
  };
  const reload = () => {
    setOnline(true);
    setState(null);
    onState(null);
    setLoads((count) => count + 1);
  };
  const beginSession = () => {
    setSession(newSession());
    reload();
  };
  useImperativeHandle(handle, () => ({
    focusEvent: () => eventField.current?.focus(),
    newSession: beginSession,
  }));
  const go = (submitted: FormEvent) => {
    submitted.preventDefault();
    order({ page: address.trim() === '' ? '/' : address.trim() });
  };
  const fire = (submitted: FormEvent) => {
    submitted.preventDefault();
    if (event.trim() !== '') order({ event: event.trim() });
  };
  const connection = connectionWords[state === null ? 'loading' : online ? state.connection : 'offline'];

  return (
    <section className={classes.device} data-surface={surface} aria-label={name}>
      <div className={classes.bar}>
        <span className={classes.name}>
          {surface === 'phone' ? (
            <IconDeviceMobile size={15} stroke={1.5} aria-hidden />
          ) : (
            <IconBrowser size={15} stroke={1.5} aria-hidden />
          )}
          {name}
        </span>
        <span className={classes.connection} role="status" aria-label={`Connection of the ${surface}`}>
          <span aria-hidden>{connection.shape}</span> {connection.word}
        </span>
        <span className={classes.told}>{state?.told ?? ''}</span>
        <Switch
          label="Online"
          aria-label={`${name} online`}
          checked={online}
          onChange={({ currentTarget: { checked } }) => {
            setOnline(checked);
            order({ online: checked });
          }}
        />
      </div>
      <div className={classes.bar}>
        <Tooltip label="Load the page again, in the same session">
          <ActionIcon aria-label={`Reload the ${surface}`} onClick={reload}>
            <IconRefresh size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <form className={classes.grow} onSubmit={go}>
          <TextInput
            aria-label={`Page of the ${surface}`}
            placeholder="/cart, or a screen’s name"
            value={address}
            onChange={({ currentTarget: { value } }) => setAddress(value)}
          />
        </form>
        <Tooltip label={`New session: a new visit. Now: ${session}`}>
          <ActionIcon aria-label={`New session on the ${surface}`} onClick={beginSession}>
            <IconUserPlus size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <form className={classes.event} onSubmit={fire}>
          <TextInput
            ref={eventField}
            className={classes.grow ?? ''}
            aria-label={`Event in the ${surface}`}
            placeholder="event"
            value={event}
            onChange={({ currentTarget: { value } }) => setEvent(value)}
          />
          <Button type="submit" variant="default" leftSection={<IconBolt size={13} aria-hidden />}>
            Fire
          </Button>
        </form>
      </div>
      <div className={classes.screen}>
        <iframe
          key={`${loads} ${src}`}
          ref={frame}
          className={classes.frame}
          title={`The app on the ${surface}, as ${user}`}
          src={src}
        />
      </div>
    </section>
  );
}

/** Tells visits apart, and keeps no secret. */
const newSession = (): string => `s-${Math.random().toString(36).slice(2, 8)}`;
