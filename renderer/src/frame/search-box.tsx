import { ActionIcon, Combobox, Kbd, Text, TextInput, useCombobox } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { completeField, searchFields, suggestFields } from '../messages/search-terms.ts';
import { withSearch } from '../room-search.ts';

/** Typing rests this long before the search runs: one request a word, not one a letter. */
const typingPauseMs = 180;

/** The search of the messages; the address holds it, so that a search can be kept and shared. */
export function SearchBox() {
  const q = useSearch({ strict: false, select: (search) => search.q ?? '' });
  const navigate = useNavigate();
  const [text, setText] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const suggestions = useMemo(() => suggestFields(text), [text]);

  // The address changes by other hands too: a filter button, the back button, a link.
  useEffect(() => {
    setText((current) => (current.trim() === q.trim() ? current : q));
  }, [q]);

  const search = (value: string) => {
    clearTimeout(timer.current);
    void navigate({
      to: '/messages',
      search: (old) => withSearch(old, { q: value.trim(), tab: null }),
      replace: true,
    });
  };
  const type = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => search(value), typingPauseMs);
  };

  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: 'search',
          title: 'Search messages',
          group: 'List',
          keys: ['/'],
          run: () => {
            input.current?.focus();
            input.current?.select();
          },
        },
      ],
      [],
    ),
  );

  return (
    <Combobox
      store={combobox}
      keepMounted={false}
      onOptionSubmit={(field) => {
        type(completeField(text, field));
        input.current?.focus();
      }}
    >
      <Combobox.Target>
        <TextInput
          ref={input}
          w={420}
          maw="46vw"
          value={text}
          placeholder="Search messages"
          aria-label="Search messages"
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            text === '' ? (
              <Kbd size="xs">/</Kbd>
            ) : (
              <ActionIcon
                size={20}
                aria-label="Clear the search"
                onClick={() => {
                  setText('');
                  search('');
                }}
              >
                <IconX size={12} aria-hidden />
              </ActionIcon>
            )
          }
          onChange={(event) => {
            type(event.currentTarget.value);
            combobox.openDropdown();
          }}
          onClick={() => combobox.openDropdown()}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && combobox.getSelectedOptionIndex() === -1) {
              search(text);
              combobox.closeDropdown();
            }
            if (event.key === 'Escape') {
              combobox.closeDropdown();
              event.currentTarget.blur();
            }
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={suggestions.length === 0}>
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }}>
          {suggestions.map((field) => (
            <Combobox.Option key={field.name} value={field.name}>
              <Text span size="sm" ff="monospace" mr="sm">
                {field.name}:
              </Text>
              <Text span size="sm" c="dimmed">
                {field.meaning}
              </Text>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        {suggestions.length === searchFields.length && (
          <Combobox.Footer>
            <Text size="xs" c="dimmed">
              Words match their beginnings. Put “quotes” around a phrase, a minus before what must not be
              there.
            </Text>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}
