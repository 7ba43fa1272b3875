/** Bytes of a command to what they ask for. Pure. Source: SMPP 3.4 §4. */
import { FieldReader, type Pdu, tags } from './pdu.ts';
import type { PartOf, SmppAddress, Submit } from './schema.ts';
import type { CommandStatus } from './status.ts';
import { isReadable, readUserDataHeader } from './text.ts';

export interface Refused {
  readonly status: CommandStatus;
  readonly why: string;
}

export interface Bind {
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  readonly interfaceVersion: number;
}

/** §4.1.1: octets with their NUL. */
export function parseBind(pdu: Pdu): Bind | Refused {
  const fields = new FieldReader(pdu.bytes);
  const systemId = fields.text(16, 'ESME_RINVSYSID');
  const password = fields.text(9, 'ESME_RINVPASWD');
  const systemType = fields.text(13, 'ESME_RINVSYSTYP');
  const interfaceVersion = fields.integer();
  fields.integer();
  fields.integer();
  fields.text(41, 'ESME_RBINDFAIL');
  fields.optional();
  if (fields.fault !== null) return refused(fields.fault, bindFaults[fields.fault]);
  return { systemId, password, systemType, interfaceVersion };
}

const bindFaults: Readonly<Partial<Record<CommandStatus, string>>> = {
  ESME_RINVSYSID: 'system_id has more than 15 characters',
  ESME_RINVPASWD: 'password has more than 8 characters, which is all that SMPP 3.4 has room for',
  ESME_RINVSYSTYP: 'system_type has more than 12 characters',
};

function refused(status: CommandStatus, why?: string): Refused {
  return { status, why: why ?? `its fields do not hold together: ${status}` };
}

const addressOctets = 21;
const dataAddressOctets = 65;
const destinationsMax = 254;

export function parseSubmit(pdu: Pdu, command: Submit['command']): Submit | Refused {
  const fields = new FieldReader(pdu.bytes);
  const submit = command === 'data_sm' ? readData(fields) : readSubmit(fields, command);
  if ('status' in submit) return submit;
  if (fields.fault !== null) return refused(fields.fault);
  const payload = submit.optional.get(tags.message_payload);
  if (payload !== undefined && submit.octets.length > 0)
    return refused('ESME_RINVMSGLEN', 'short_message and message_payload exclude each other (§5.3.2.32)');
  return { ...submit, octets: payload ?? submit.octets };
}

/** §4.4.1, §4.5.1 */
function readSubmit(fields: FieldReader, command: 'submit_sm' | 'submit_multi'): Submit | Refused {
  const serviceType = fields.text(6, 'ESME_RINVSERTYP');
  const source = readAddress(fields, addressOctets, 'ESME_RINVSRCADR');
  const destinations =
    command === 'submit_sm'
      ? [readAddress(fields, addressOctets, 'ESME_RINVDSTADR')]
      : readDestinations(fields);
  if ('status' in destinations) return destinations;
  const esmClass = fields.integer();
  fields.integer();
  const priority = fields.integer();
  const scheduleTime = fields.text(17, 'ESME_RINVSCHED');
  const validityPeriod = fields.text(17, 'ESME_RINVEXPIRY');
  const registeredDelivery = fields.integer();
  const replace = fields.integer();
  const dataCoding = fields.integer();
  fields.integer();
  const length = fields.integer();
  const octets = length > 254 ? Buffer.alloc(0) : fields.octets(length, 'ESME_RINVMSGLEN');
  if (length > 254)
    return refused('ESME_RINVMSGLEN', 'sm_length is over 254: longer ones go into message_payload');
  const optional = fields.optional();
  if (fields.fault !== null) return refused(fields.fault);
  if (priority > 3) return refused('ESME_RINVPRTFLG', `priority_flag is ${priority}: 0 to 3 (§5.2.14)`);
  if (replace > 1) return refused('ESME_RINVREPFLAG', `replace_if_present_flag is ${replace}: 0 or 1`);
  return {
    command,
    serviceType,
    source,
    destinations,
    esmClass,
    scheduleTime,
    validityPeriod,
    registeredDelivery,
    replaceIfPresent: replace === 1,
    dataCoding,
    octets,
    optional,
  };
}

/** §4.7.1: the message is in message_payload. */
function readData(fields: FieldReader): Submit {
  const serviceType = fields.text(6, 'ESME_RINVSERTYP');
  const source = readAddress(fields, dataAddressOctets, 'ESME_RINVSRCADR');
  const destination = readAddress(fields, dataAddressOctets, 'ESME_RINVDSTADR');
  const esmClass = fields.integer();
  const registeredDelivery = fields.integer();
  const dataCoding = fields.integer();
  return {
    command: 'data_sm',
    serviceType,
    source,
    destinations: [destination],
    esmClass,
    scheduleTime: '',
    validityPeriod: '',
    registeredDelivery,
    replaceIfPresent: false,
    dataCoding,
    octets: Buffer.alloc(0),
    optional: fields.optional(),
  };
}

function readAddress(fields: FieldReader, octetsMax: number, fault: CommandStatus): SmppAddress {
  const ton = fields.integer();
  const npi = fields.integer();
  return { ton, npi, text: fields.text(octetsMax, fault) };
}

function readDestinations(fields: FieldReader): readonly SmppAddress[] | Refused {
  const count = fields.integer();
  if (count < 1 || count > destinationsMax)
    return refused('ESME_RINVNUMDESTS', `number_of_dests is ${count}: 1 to ${destinationsMax}`);
  const found: SmppAddress[] = [];
  for (let at = 0; at < count && fields.fault === null; at++) {
    const flag = fields.integer();
    if (flag === 2)
      return refused('ESME_RINVDLNAME', 'there are no distribution lists here: name each number');
    if (flag !== 1 && fields.fault === null)
      return refused('ESME_RINVDESTFLAG', `dest_flag is ${flag}: 1 is an address`);
    found.push(readAddress(fields, addressOctets, 'ESME_RINVDSTADR'));
  }
  return found;
}

/** What is wrong with the fields that do not depend on anything outside, in their order. */
export function submitFault({ esmClass, registeredDelivery, dataCoding, octets }: Submit): Refused | null {
  // §5.2.12: bits 5 to 2 are the message type; an ESME sends the default one, or an acknowledgement.
  if (![0x00, 0x08, 0x10].includes(esmClass & 0x3c))
    return refused('ESME_RINVESMCLASS', `esm_class 0x${esmClass.toString(16)} is of no message of an ESME`);
  if ((registeredDelivery & 0x03) === 0x03 || registeredDelivery > 0x1f)
    return refused(
      'ESME_RINVREGDLVFLG',
      `registered_delivery 0x${registeredDelivery.toString(16)} is reserved (§5.2.17)`,
    );
  if (!isReadable(dataCoding))
    return refused('ESME_RSUBMITFAIL', `data_coding ${dataCoding} is not taken here: use 0, 1, 3, 4 or 8`);
  return octets.length === 0 ? refused('ESME_RINVMSGLEN', 'the message is empty') : null;
}

/** The part that it is, and its octets without the header. */
export function readPart(
  submit: Submit,
): { readonly part: PartOf | null; readonly octets: Buffer } | Refused {
  const { esmClass, octets, optional } = submit;
  if ((esmClass & 0x40) !== 0) {
    const header = readUserDataHeader(octets);
    if (header === null)
      return refused(
        'ESME_RINVESMCLASS',
        'esm_class says that there is a user data header, which does not hold together',
      );
    const fault = header.part === null ? null : partFault(header.part, 'ESME_RINVESMCLASS');
    return fault ?? { part: header.part, octets: header.rest };
  }
  const [reference, total, sequence] = [
    optional.get(tags.sar_msg_ref_num),
    optional.get(tags.sar_total_segments),
    optional.get(tags.sar_segment_seqnum),
  ];
  if (reference === undefined && total === undefined && sequence === undefined) return { part: null, octets };
  if (reference === undefined || total === undefined || sequence === undefined)
    return refused('ESME_RMISSINGOPTPARAM', 'of the three SAR fields one is missing (§5.3.2.22 to .24)');
  if (reference.length !== 2 || total.length !== 1 || sequence.length !== 1)
    return refused('ESME_RINVPARLEN', 'a SAR field has another length than the specification gives it');
  const part: PartOf = {
    by: 'sar',
    reference: reference.readUInt16BE(0),
    total: total[0] ?? 0,
    sequence: sequence[0] ?? 0,
  };
  return partFault(part, 'ESME_RINVOPTPARAMVAL') ?? { part, octets };
}

function partFault({ total, sequence }: PartOf, status: CommandStatus): Refused | null {
  return total < 1 || sequence < 1 || sequence > total
    ? refused(status, `part ${sequence} of ${total} cannot be`)
    : null;
}

export interface MessageQuery {
  readonly messageId: string;
  readonly source: SmppAddress;
}

/** §4.8.1 */
export function parseQuery(pdu: Pdu): MessageQuery | Refused {
  const fields = new FieldReader(pdu.bytes);
  const messageId = fields.text(65, 'ESME_RINVMSGID');
  const source = readAddress(fields, addressOctets, 'ESME_RINVSRCADR');
  return fields.fault === null ? { messageId, source } : refused(fields.fault);
}

/** §4.9.1 */
export function parseCancel(
  pdu: Pdu,
): (MessageQuery & { readonly destination: SmppAddress; readonly serviceType: string }) | Refused {
  const fields = new FieldReader(pdu.bytes);
  const serviceType = fields.text(6, 'ESME_RINVSERTYP');
  const messageId = fields.text(65, 'ESME_RINVMSGID');
  const source = readAddress(fields, addressOctets, 'ESME_RINVSRCADR');
  const destination = readAddress(fields, addressOctets, 'ESME_RINVDSTADR');
  return fields.fault === null ? { serviceType, messageId, source, destination } : refused(fields.fault);
}

export interface Replace extends MessageQuery {
  readonly scheduleTime: string;
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly octets: Buffer;
}

/** §4.10.1 */
export function parseReplace(pdu: Pdu): Replace | Refused {
  const fields = new FieldReader(pdu.bytes);
  const messageId = fields.text(65, 'ESME_RINVMSGID');
  const source = readAddress(fields, addressOctets, 'ESME_RINVSRCADR');
  const scheduleTime = fields.text(17, 'ESME_RINVSCHED');
  const validityPeriod = fields.text(17, 'ESME_RINVEXPIRY');
  const registeredDelivery = fields.integer();
  fields.integer();
  const octets = fields.octets(fields.integer(), 'ESME_RINVMSGLEN');
  return fields.fault === null
    ? { messageId, source, scheduleTime, validityPeriod, registeredDelivery, octets }
    : refused(fields.fault);
}
