import { Button, Group, Modal, ScrollArea, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { partUrl } from '../api/messages.ts';
import { requestBytes } from '../api/request.ts';
import { formatBytes } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { fileNameOf, saveFile } from '../host/save-file.ts';
import classes from './part-viewer.module.css';

interface PartViewerProps {
  readonly messageId: string;
  readonly part: number;
  readonly name: string | null;
  readonly contentType: string;
  readonly bytes: number;
  readonly onClose: () => void;
}

const textBytesMax = 2_000_000;

/** One part of a message: images and text are shown, the rest can be saved. */
export function PartViewer({ messageId, part, name, contentType, bytes, onClose }: PartViewerProps) {
  const title = name ?? contentType;
  return (
    <Modal opened onClose={onClose} size="xl" title={title}>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" size="sm">
          {contentType} · {formatBytes(bytes)}
        </Text>
        <Button
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => void savePart(messageId, part, name, contentType)}
        >
          Save
        </Button>
      </Group>
      <Content messageId={messageId} part={part} contentType={contentType} bytes={bytes} title={title} />
    </Modal>
  );
}

export async function savePart(
  messageId: string,
  part: number,
  name: string | null,
  contentType: string,
): Promise<void> {
  const extension =
    contentType === 'message/rfc822' ? 'eml' : (contentType.split('/')[1] ?? 'bin').replace(/\W.*/, '');
  try {
    await saveFile(partUrl(messageId, part), name ?? fileNameOf(`part ${part}`, extension));
  } catch (error) {
    toastProblem(error, 'The part could not be saved');
  }
}

interface ContentProps {
  readonly messageId: string;
  readonly part: number;
  readonly contentType: string;
  readonly bytes: number;
  readonly title: string;
}

function Content({ messageId, part, contentType, bytes, title }: ContentProps) {
  if (contentType.startsWith('image/')) {
    return (
      <div className={classes.image}>
        <img src={partUrl(messageId, part)} alt={title} />
      </div>
    );
  }
  if (!isText(contentType)) return <Text c="dimmed">This kind cannot be shown here; it can be saved.</Text>;
  if (bytes > textBytesMax) return <Text c="dimmed">This part is too large to show; it can be saved.</Text>;
  return <TextContent messageId={messageId} part={part} />;
}

function TextContent({ messageId, part }: { readonly messageId: string; readonly part: number }) {
  const { data, error } = useQuery({
    queryKey: ['part', messageId, part],
    queryFn: async ({ signal }) =>
      new TextDecoder().decode(await requestBytes(`/messages/${messageId}/parts/${part}`, signal)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  if (error !== null) return <ProblemState error={error} />;
  if (data === undefined) return <LoadingState what="the part" />;
  return (
    <ScrollArea.Autosize mah="60vh">
      <pre className={classes.text}>{data}</pre>
    </ScrollArea.Autosize>
  );
}

const isText = (contentType: string): boolean =>
  /^(text\/|message\/|application\/(json|xml|javascript|.*\+(json|xml)))/i.test(contentType);
