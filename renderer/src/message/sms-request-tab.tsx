import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { rawQuery } from '../api/messages.ts';
import { useStored } from '../use-stored.ts';
import { HeadersTab } from './headers-tab.tsx';
import { requestFieldMeaning, requestFields } from './push-headers.ts';
import { bodyFields } from './request-fields.ts';
import classes from './sms-request-tab.module.css';

/** What the request said: the fields of its body, and those of HTTP. */
export function SmsRequestTab({ message }: { readonly message: MessageDetail }) {
  const headers = message.sms?.headers ?? [];
  const [part, setPart] = useStored('sms.request', 'body');
  const bytes = useQuery(rawQuery(message.id)).data;
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const fields = bytes === undefined ? [] : bodyFields(new TextDecoder().decode(bytes), contentType);
  const body = part === 'body' && fields !== null;
  return (
    <div className={classes.tab}>
      {fields !== null && (
        <SegmentedControl
          className={classes.choice ?? ''}
          aria-label="Part of the request"
          value={body ? 'body' : 'http'}
          onChange={setPart}
          data={[
            { value: 'body', label: 'Body' },
            { value: 'http', label: 'HTTP fields' },
          ]}
        />
      )}
      <HeadersTab
        headers={body ? fields : requestFields(headers)}
        meaningOf={body ? meaningless : requestFieldMeaning}
      />
    </div>
  );
}

/** Each provider names its own, and documents them. */
const meaningless = (): null => null;
