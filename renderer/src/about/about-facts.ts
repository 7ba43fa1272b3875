import type { Status } from '../../../core/api/schema.ts';
import type { AboutShell } from '../../../electron/bridge.ts';

export type Fact = readonly [name: string, value: string];

/** What is running here, from what the core and the desktop app say of themselves. */
export function aboutFacts(core: Status | null, shell: AboutShell | null): readonly Fact[] {
  return [
    ['Sandpost', core?.version ?? shell?.version ?? ''],
    ...(shell !== null && core !== null && shell.version !== core.version
      ? [['Desktop app', shell.version] as const]
      : []),
    ...(shell === null
      ? []
      : ([
          ['Electron', shell.electron],
          ['Chromium', shell.chromium],
          ['Node of the app', shell.node],
          ['Platform', shell.platform],
        ] as const)),
    ...(core === null
      ? []
      : ([
          ['Node of the core', core.node],
          ['SQLite', core.sqlite],
          ...(shell?.platform === core.platform ? [] : [['Platform of the core', core.platform] as const]),
          ['Data folder', core.dataDir],
        ] as const)),
    ...(shell?.credentialsIn == null
      ? []
      : [
          [
            'Credentials',
            shell.credentialsIn === 'keychain' ? 'in the keychain' : 'in a file of the data folder',
          ] as const,
        ]),
    ['Licence', 'MIT'],
  ];
}

export function aboutText(facts: readonly Fact[]): string {
  return `${facts.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
}
