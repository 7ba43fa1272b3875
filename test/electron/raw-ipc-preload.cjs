// What no window of the app has: the way to the main process as it is, for a test that plays a window gone wrong.
const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('raw', {
  invoke: (channel, ...values) =>
    ipcRenderer.invoke(channel, ...values).then(
      () => 'answered',
      (error) => String(error.message),
    ),
  send: (channel, ...values) => ipcRenderer.send(channel, ...values),
  ask: (channel) => ipcRenderer.sendSync(channel),
});
