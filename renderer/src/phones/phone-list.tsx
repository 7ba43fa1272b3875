import { IconBrowser, IconDeviceMobile, IconWifi, IconWifiOff } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useRef } from 'react';
import type { Phone } from '../../../core/api/phones-schema.ts';
import { nextIndex } from '../feed/feed-list.tsx';
import { plural } from '../format.ts';
import { appName } from './app-names.ts';
import classes from './phone-list.module.css';
import { onlineWords, platformWords } from './phone-words.ts';

interface PhoneListProps {
  readonly phones: readonly Phone[];
  readonly selected: string | null;
  readonly nowMs: number;
  readonly onSelect: (id: string) => void;
}

const cardHeight = 68;

/** The devices, a card each. */
export function PhoneList({ phones, selected, nowMs, onSelect }: PhoneListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: phones.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cardHeight,
    getItemKey: (index) => phones[index]?.id ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => phones[item.index]?.id === selected);

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = phones.findIndex(({ id }) => id === selected);
    const index = nextIndex(event.key, at, phones.length, {
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / cardHeight) - 1),
    });
    const phone = index === null ? undefined : phones[index];
    if (index === null || phone === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(index, { align: 'auto' });
    onSelect(phone.id);
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="listbox"
      aria-label="Phones and browsers"
      aria-activedescendant={shown && selected !== null ? `phone-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const phone = phones[item.index];
          return phone === undefined ? null : (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
            <div
              key={phone.id}
              id={`phone-${phone.id}`}
              className={classes.row}
              role="option"
              tabIndex={-1}
              aria-selected={phone.id === selected}
              aria-posinset={item.index + 1}
              aria-setsize={phones.length}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(phone.id)}
            >
              <PhoneCard phone={phone} online={onlineWords(phone, nowMs)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface PhoneCardProps {
  readonly phone: Phone;
  readonly online: string;
}

const PhoneCard = memo(function PhoneCard({ phone, online }: PhoneCardProps) {
  const Icon = phone.platform === 'browser' ? IconBrowser : IconDeviceMobile;
  return (
    <div className={classes.card}>
      <Icon size={26} stroke={1.3} className={classes.device} aria-hidden />
      <div className={classes.words}>
        <div className={classes.line}>
          <span className={classes.name}>{phone.name}</span>
          {phone.waiting > 0 && (
            <span className={classes.waiting}>{plural(phone.waiting, 'waits', 'wait')}</span>
          )}
        </div>
        <div className={classes.line}>
          <span className={classes.dim}>
            {platformWords[phone.platform]} · {phone.user === null ? 'nobody’s' : phone.user}
            {phone.onTheFly && ' · made on the fly'}
          </span>
        </div>
        <div className={classes.line} data-online={phone.online}>
          <span className={classes.state}>
            {phone.online ? <IconWifi size={12} aria-hidden /> : <IconWifiOff size={12} aria-hidden />}
            {online}
          </span>
          <span className={classes.dim}>{appsInWords(phone)}</span>
        </div>
      </div>
    </div>
  );
});

function appsInWords({ apps }: Phone): string {
  const here = apps.filter(({ installed }) => installed);
  const [first] = here;
  if (first === undefined) return apps.length === 0 ? 'no app' : 'no app any more';
  return here.length === 1 ? appName(first.app) : plural(here.length, 'app', 'apps');
}
