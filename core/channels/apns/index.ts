/** What the app knows of this channel. */
export type { ApnsPorts } from './asked.ts';
export { type BroadcastChannels, openBroadcastChannels } from './broadcast-channels.ts';
export { type ApnsRoutes, createApnsRoutes, manageHosts, pushHosts } from './endpoint.ts';
export { type ApnsSettings, apnsKeySchema, apnsSettingsSchema, defaultApnsSettings } from './schema.ts';
