/** The names under which the preload and the main process speak; the shapes are in `bridge.ts`. */
export const channels = {
  hello: 'sandpost:hello',
  saveFile: 'sandpost:save-file',
  reveal: 'sandpost:reveal',
  notify: 'sandpost:notify',
  setBadge: 'sandpost:set-badge',
  setTheme: 'sandpost:set-theme',
  openExternal: 'sandpost:open-external',
  preferences: 'sandpost:preferences',
  setPreferences: 'sandpost:set-preferences',
  listening: 'sandpost:listening',
  navigate: 'sandpost:navigate',
} as const;
