/** A unit as a line of a session's transcript: its command, its status, its fields; passwords masked. Pure. */
import { printable } from '../../../doors/smtp/printable.ts';
import { commandName, FieldReader, headerBytes, type Pdu, replyBit, tags } from './pdu.ts';
import { statusName } from './status.ts';
import { decodeText } from './text.ts';

const shownCharsMax = 400;
const octetsShownMax = 64;

export function shownPdu(pdu: Pdu): string {
  const name = commandName(pdu.id) ?? `command 0x${pdu.id.toString(16).padStart(8, '0')}`;
  const head = `${name} sequence=${pdu.sequence}`;
  const isReply = pdu.id >= replyBit;
  const status = isReply || pdu.status !== 0 ? ` ${statusName(pdu.status)}` : '';
  const fields = shownFields(name, pdu);
  const line = `${head}${status}${fields === '' ? '' : ` ${fields}`}`;
  return printable(line.length > shownCharsMax ? `${line.slice(0, shownCharsMax)}…` : line);
}

function shownFields(name: string, pdu: Pdu): string {
  const fields = new FieldReader(pdu.bytes);
  const text = (): string => fields.text(pdu.bytes.length, 'ESME_RINVCMDLEN');
  const address = (): string => `${fields.integer()}/${fields.integer()}/${text()}`;
  const shown: string[] = [];
  const show = (key: string, value: string | number): void => {
    if (fields.fault === null && value !== '') shown.push(`${key}=${value}`);
  };
  switch (name) {
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      show('system_id', text());
      show('password', text() === '' ? '' : '***');
      show('system_type', text());
      show('interface_version', `0x${fields.integer().toString(16)}`);
      break;
    case 'submit_sm':
    case 'deliver_sm': {
      show('service_type', text());
      show('source', address());
      show('destination', address());
      show('esm_class', `0x${fields.integer().toString(16)}`);
      fields.integer();
      fields.integer();
      show('schedule_delivery_time', text());
      show('validity_period', text());
      show('registered_delivery', fields.integer());
      fields.integer();
      const dataCoding = fields.integer();
      show('data_coding', dataCoding);
      fields.integer();
      const octets = fields.octets(fields.integer(), 'ESME_RINVMSGLEN');
      if (octets.length > 0) show('short_message', JSON.stringify(decodeText(octets, dataCoding).text));
      showOptional(fields, show);
      break;
    }
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp':
      if (pdu.bytes.length > headerBytes) show('system_id', text());
      break;
    case 'submit_sm_resp':
    case 'data_sm_resp':
    case 'submit_multi_resp':
      if (pdu.bytes.length > headerBytes) show('message_id', text());
      break;
    case 'query_sm':
    case 'query_sm_resp':
    case 'replace_sm':
      if (pdu.bytes.length > headerBytes) show('message_id', text());
      break;
    case 'cancel_sm':
      text();
      show('message_id', text());
      break;
    case 'data_sm':
      text();
      show('source', address());
      show('destination', address());
      fields.integer();
      show('registered_delivery', fields.integer());
      show('data_coding', fields.integer());
      showOptional(fields, show);
      break;
    default:
      break;
  }
  return fields.fault === null ? shown.join(' ') : [...shown, `(${fields.fault})`].join(' ');
}

function showOptional(fields: FieldReader, show: (key: string, value: string) => void): void {
  // By it the core's own sends are known, which is nobody else's business.
  for (const [tag, value] of fields.optional())
    if (tag !== tags.ownSend)
      show(
        `0x${tag.toString(16).padStart(4, '0')}`,
        value.length > octetsShownMax ? `${value.length} octets` : value.toString('hex'),
      );
}
