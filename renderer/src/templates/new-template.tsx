import { Button, FileButton, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { importTemplate, makeTemplate, startersQuery, type Template } from '../api/templates.ts';
import { readJson } from './json-text.ts';

interface NewTemplateProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}

/** Begins with nothing, with a starter, or with a file that was saved here or elsewhere. */
export function NewTemplate({ opened, onClose, onMade }: NewTemplateProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Write a template">
      {opened && <NewForm onClose={onClose} onMade={onMade} />}
    </Modal>
  );
}

function NewForm({ onClose, onMade }: Omit<NewTemplateProps, 'opened'>) {
  const starters = useQuery(startersQuery).data ?? [];
  const [name, setName] = useState('');
  const [starter, setStarter] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const queries = useQueryClient();
  const chosen = starters.find(({ id }) => id === starter) ?? null;
  const take = (made: Promise<Template>) => {
    made.then(
      ({ id }) => {
        void queries.invalidateQueries({ queryKey: ['templates'] });
        onMade(id);
        onClose();
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  const submit = () => {
    const named = name.trim() === '' ? {} : { name: name.trim() };
    take(makeTemplate(chosen === null ? { ...named, content: {} } : { starter: chosen.id, ...named }));
  };
  const takeFile = async (file: File) => {
    const read = readJson(await file.text());
    if (read === null) setProblem(`${file.name} is no JSON: take one that “Save as a file” made.`);
    else take(importTemplate(read.value));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '' || chosen !== null) submit();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder={chosen?.name ?? 'Order confirmation'}
          data-autofocus
          value={name}
          error={problem}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <NativeSelect
          label="Begin with"
          description={chosen?.description}
          value={starter}
          data={[
            { value: '', label: 'Nothing' },
            ...starters.map((one) => ({ value: one.id, label: one.name })),
          ]}
          onChange={(event) => setStarter(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <FileButton
            accept="application/json,.json"
            onChange={(file) => {
              if (file !== null) void takeFile(file);
            }}
          >
            {(button) => (
              <Button {...button} variant="subtle" color="gray" mr="auto">
                Take one from a file
              </Button>
            )}
          </FileButton>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === '' && chosen === null}>
            Make it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
