/** Assignments of environment variables in the syntax of the user's shell. Pure. */
import { assertNever } from '../model/app-error.ts';

export const shells = ['bash', 'zsh', 'fish', 'powershell', 'cmd'] as const;
export type Shell = (typeof shells)[number];

/** Which shell asks, by what it leaves in the environment: PSModulePath stands in every program's on Windows. */
export function shellOf(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Shell {
  const { SHELL, PROMPT, PSModulePath } = environment;
  const login = /(bash|zsh|fish)(?:\.exe)?$/.exec(SHELL ?? '')?.[1];
  if (platform === 'win32') {
    // Git's bash sets SHELL; cmd.exe sets PROMPT, and PowerShell neither.
    if (login !== undefined && isShell(login)) return login;
    return PROMPT === undefined ? 'powershell' : 'cmd';
  }
  if (PSModulePath !== undefined) return 'powershell';
  return login !== undefined && isShell(login) ? login : 'bash';
}

export function assignments(variables: Readonly<Record<string, string>>, shell: Shell): string {
  return Object.entries(variables)
    .map(([name, value]) => `${assignment(name, value, shell)}\n`)
    .join('');
}

function assignment(name: string, value: string, shell: Shell): string {
  switch (shell) {
    case 'bash':
    case 'zsh':
      return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
    case 'fish':
      return `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    case 'powershell':
      return `$env:${name} = '${value.replaceAll("'", "''")}'`;
    case 'cmd':
      return `set "${name}=${value}"`;
    default:
      return assertNever(shell);
  }
}

/** How the output of a command is taken over. */
export function evaluated(command: string, shell: Shell): string {
  switch (shell) {
    case 'bash':
    case 'zsh':
      return `eval "$(${command})"`;
    case 'fish':
      return `${command} | source`;
    case 'powershell':
      return `${command} | Out-String | Invoke-Expression`;
    case 'cmd':
      return `for /f "delims=" %i in ('${command}') do @%i`;
    default:
      return assertNever(shell);
  }
}

export function isShell(text: string): text is Shell {
  return shells.some((one) => one === text);
}
