/** What is attached: programs, macros, disguises, and the test virus. */
import type { FilterReason } from '../../model/authentication.ts';
import type { ContentAttachment } from './mail-content.ts';
import { against, type ContentRule } from './rule.ts';

const programs =
  /\.(?:ade|adp|apk|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|isp|iso|jar|js|jse|lib|lnk|mde|msc|msi|msp|mst|nsh|pif|ps1|scr|sct|shb|sys|vb|vbe|vbs|vxd|wsc|wsf|wsh)$/i;
const macros = /\.(?:docm|dotm|xlsm|xltm|xlam|pptm|potm|ppam|xll)$/i;
const disguised = /\.(?:pdf|docx?|xlsx?|jpe?g|png|txt)\s*\.[a-z0-9]{2,4}$/i;
/** The test file of the EICAR; it is written in two pieces so that no scanner takes this source for it. */
const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
);
const ole = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

/** Codes of reasons for which a provider takes nothing at all. */
export const dangerousCodes: ReadonlySet<string> = new Set(['attachment_virus', 'attachment_program']);

export const attachmentScan: ContentRule = ({ attachments }) => attachments.flatMap(scan);

function scan(attachment: ContentAttachment): readonly FilterReason[] {
  const { filename, contentType, head } = attachment;
  const name = filename ?? contentType;
  if (head.includes(eicar)) return [against('attachment_virus', 20, `${name} is the EICAR test virus.`)];
  if ((filename !== null && programs.test(filename)) || isProgram(head))
    return [against('attachment_program', 10, `${name} is a program.`)];
  const reasons: FilterReason[] = [];
  if (filename !== null && disguised.test(filename))
    reasons.push(against('attachment_disguised', 3, `${name} has two endings.`));
  if ((filename !== null && macros.test(filename)) || /macroenabled/i.test(contentType) || hasMacros(head))
    reasons.push(against('attachment_macros', 2.5, `${name} may hold macros.`));
  if (filename !== null && /\.(?:html?|svg)$/i.test(filename) && /<script/i.test(head.toString('latin1')))
    reasons.push(against('attachment_script', 3, `${name} holds a script.`));
  if (isEncryptedZip(head))
    reasons.push(
      against('attachment_encrypted', 2, `${name} is encrypted, so that nothing can look into it.`),
    );
  return reasons;
}

/** MZ (Windows), ELF, Mach-O, and scripts that say what runs them. */
function isProgram(head: Buffer): boolean {
  const start = head.toString('latin1', 0, 4);
  return (
    (start.startsWith('MZ') && head.length > 64) ||
    start === '\x7fELF' ||
    start === '\xcf\xfa\xed\xfe' ||
    start === '\xfe\xed\xfa\xcf'
  );
}

/** The old binary format of Office with a project of Visual Basic, or the new one that carries such a file. */
function hasMacros(head: Buffer): boolean {
  if (head.subarray(0, ole.length).equals(ole)) return head.includes(Buffer.from('_VBA_PROJECT', 'utf16le'));
  return head.includes('vbaProject.bin');
}

/** The first entry's flag (APPNOTE.TXT §4.4.4, bit 0). */
function isEncryptedZip(head: Buffer): boolean {
  return head.length > 8 && head.readUInt32LE(0) === 0x04034b50 && (head.readUInt16LE(6) & 1) === 1;
}
