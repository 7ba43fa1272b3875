/** All rules of the content filter, in the order in which their reasons are shown. */
import type { FilterReason } from '../../model/authentication.ts';
import { attachmentScan } from './attachment-scan.ts';
import { deceptiveLinks } from './deceptive-links.ts';
import { displayName } from './display-name.ts';
import { form } from './form.ts';
import type { MailContent } from './mail-content.ts';
import { phishingPhrases } from './phishing-phrases.ts';
import { pictureShare } from './picture-share.ts';
import type { ContentRule } from './rule.ts';
import { severalPurposes } from './several-purposes.ts';
import { shouting } from './shouting.ts';
import { urlScan } from './url-scan.ts';

const rules: readonly ContentRule[] = [
  attachmentScan,
  deceptiveLinks,
  urlScan,
  displayName,
  phishingPhrases,
  shouting,
  pictureShare,
  severalPurposes,
  form,
];

export function judgeContent(content: MailContent): readonly FilterReason[] {
  return rules.flatMap((rule) => rule(content));
}
