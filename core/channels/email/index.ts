export { openSmtpDoors, type SmtpDoorKey, type SmtpDoors } from './endpoint.ts';
