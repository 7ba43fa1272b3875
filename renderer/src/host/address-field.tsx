import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { toast } from '../frame/toast-problem.ts';

interface AddressFieldProps {
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  readonly saved: string | null;
  readonly onSave: (url: string | null) => void;
}

/** An address that may be left out. */
export function AddressField({ label, description, placeholder, saved, onSave }: AddressFieldProps) {
  const [url, setUrl] = useState(saved ?? '');
  const valid = url.trim() === '' || /^https?:\/\/\S+$/i.test(url.trim());
  return (
    <Group align="flex-end" gap={8}>
      <TextInput
        w={320}
        label={label}
        description={description}
        placeholder={placeholder}
        value={url}
        error={valid ? null : 'An address begins with http:// or https://'}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Button
        variant="default"
        aria-label={`Save: ${label}`}
        disabled={!valid || url.trim() === (saved ?? '')}
        onClick={() => {
          onSave(url.trim() === '' ? null : url.trim());
          toast('Saved');
        }}
      >
        Save
      </Button>
    </Group>
  );
}
