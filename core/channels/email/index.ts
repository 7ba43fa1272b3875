export { createEmailCarrier, type EmailCarrierPorts } from './carrier.ts';
export { type PoolLimits, standardPoolLimits } from './client/pool.ts';
export type { EndOfDataPorts } from './end-of-data.ts';
export { openSmtpDoors, type SmtpDoorKey, type SmtpDoors } from './endpoint.ts';
export { MailThread } from './mail-thread/mail-thread.ts';
export { plainIdentity, type SenderIdentity, senderIdentity } from './sender-identity.ts';
