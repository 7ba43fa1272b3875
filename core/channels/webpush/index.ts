export type { WebPushPorts } from './acceptance.ts';
export { createWebPushClient, type WebPushClientPorts, type WebPushRequest } from './client.ts';
export { webPushHandler, webPushKey, webPushRoutes } from './endpoint.ts';
