import { notifications } from '@mantine/notifications';
import { ApiProblem } from '../api/request.ts';

/** Says what went wrong with something the person asked for. */
export function toastProblem(error: unknown, title: string): void {
  const message = error instanceof ApiProblem ? error.message : String(error);
  notifications.show({ color: 'red', title, message, autoClose: 8_000 });
}

export function toast(message: string): void {
  notifications.show({ message, autoClose: 3_000 });
}
