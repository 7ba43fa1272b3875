export { type InAppDoorPorts, inAppRoute } from './endpoint.ts';
export { createInAppRoom, type InAppBackstage, type InAppRoomPorts } from './in-app-room.ts';
