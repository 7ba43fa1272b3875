import { toastProblem } from '../frame/toast-problem.ts';

/** Electron puts the name of its channel before what went wrong. */
export function toastHostProblem(error: unknown, title: string): void {
  toastProblem(hostMessage(error), title);
}

export function hostMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Error invoking remote method '[^']*': (?:\w*Error: )?/, '');
}
