import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import classes from './toast-undo.module.css';

const shownMs = 7_000;
let shown: string | null = null;

/** Says what was done and offers to take it back. Only the last change can be: the notice before goes. */
export function toastUndo(message: string, onUndo: () => void): void {
  hideUndo();
  shown = notifications.show({
    autoClose: shownMs,
    message: (
      <span className={classes.line}>
        <span className={classes.words}>{message}</span>
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            hideUndo();
            onUndo();
          }}
        >
          Undo
        </Button>
      </span>
    ),
  });
}

export function hideUndo(): void {
  if (shown !== null) notifications.hide(shown);
  shown = null;
}
