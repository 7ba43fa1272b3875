import { ActionIcon, Menu } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots } from '@tabler/icons-react';
import {
  deleteTemplate,
  duplicateTemplate,
  type Template,
  templateFileUrl,
  unpublishTemplate,
} from '../api/templates.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';

interface TemplateMoreProps {
  readonly template: Template;
  readonly onOpen: (id: string | null) => void;
  readonly onChanged: () => void;
}

/** What is seldom done with a template as a whole. */
export function TemplateMore({ template, onOpen, onChanged }: TemplateMoreProps) {
  const order = (what: Promise<Template>, title: string, then: (next: Template) => void) => {
    what.then(
      (next) => {
        onChanged();
        then(next);
      },
      (error: unknown) => toastProblem(error, title),
    );
  };
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete ${template.name}?`,
      children: 'All its versions go with it. A send that names it is refused from then on.',
      labels: { confirm: 'Delete', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        deleteTemplate(template.id).then(
          () => {
            onOpen(null);
            onChanged();
          },
          (error: unknown) => toastProblem(error, 'The template could not be deleted'),
        );
      },
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`More for ${template.name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() =>
            order(duplicateTemplate(template.id), 'It could not be duplicated', ({ id }) => onOpen(id))
          }
        >
          Duplicate
        </Menu.Item>
        <Menu.Item component="a" href={templateFileUrl(template.id)} download={`${template.id}.json`}>
          Save as a file
        </Menu.Item>
        <Menu.Item
          disabled={template.published === null}
          onClick={() =>
            order(unpublishTemplate(template.id), 'It could not be unpublished', () =>
              toast('Nothing is sent by it until it is published again'),
            )
          }
        >
          Unpublish
        </Menu.Item>
        <Menu.Item color="red" onClick={remove}>
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
