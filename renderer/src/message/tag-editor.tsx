import { Popover, TagsInput, UnstyledButton } from '@mantine/core';
import { IconTag } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { statsQuery } from '../api/core.ts';
import { messageQuery, setTags } from '../api/messages.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import classes from './tag-editor.module.css';

/** The tags of a message; a click edits them. */
export function TagEditor({ id, tags }: { readonly id: string; readonly tags: readonly string[] }) {
  const queries = useQueryClient();
  const known = useQuery(statsQuery(null)).data?.tags.map((entry) => entry.tag) ?? [];
  const [opened, setOpened] = useState(false);
  const save = (wanted: readonly string[]) => {
    setTags(id, wanted).then(
      (saved) =>
        queries.setQueryData(messageQuery(id).queryKey, (old) => (old ? { ...old, tags: saved.tags } : old)),
      (error: unknown) => toastProblem(error, 'The tags could not be saved'),
    );
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={280} trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.button ?? ''}
          aria-label={tags.length === 0 ? 'Add tags' : `Tags: ${tags.join(', ')}. Edit`}
          onClick={() => setOpened((old) => !old)}
        >
          <IconTag size={13} aria-hidden />
          {tags.length === 0
            ? 'tag'
            : tags.map((tag) => (
                <span key={tag} className={classes.tag}>
                  {tag}
                </span>
              ))}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <TagsInput
          size="xs"
          label="Tags"
          data-autofocus
          placeholder="Type and press Enter"
          value={[...tags]}
          data={known}
          comboboxProps={{ withinPortal: false }}
          onChange={save}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
