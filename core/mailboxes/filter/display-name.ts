/** A sender's name that says something else than the address behind it. */
import type { FilterReason } from '../../model/authentication.ts';
import { against, type ContentRule, organization } from './rule.ts';

/** Names that are imitated, with the domains that may bear them. */
const brands: readonly (readonly [name: RegExp, domains: readonly string[]])[] = [
  [/\bpaypal\b/i, ['paypal.com']],
  [/\bapple\b/i, ['apple.com', 'icloud.com']],
  [/\bamazon\b/i, ['amazon.com', 'amazon.co.uk', 'amazon.de', 'amazonses.com']],
  [/\bmicrosoft\b|\boffice ?365\b/i, ['microsoft.com', 'office.com', 'outlook.com']],
  [/\bgoogle\b|\bgmail\b/i, ['google.com', 'gmail.com']],
  [/\bnetflix\b/i, ['netflix.com']],
  [/\bdhl\b/i, ['dhl.com', 'dhl.de']],
  [/\b(?:fedex|ups)\b/i, ['fedex.com', 'ups.com']],
  [/\b(?:docusign)\b/i, ['docusign.com', 'docusign.net']],
  [
    /\b(?:facebook|instagram|whatsapp)\b/i,
    ['facebook.com', 'facebookmail.com', 'instagram.com', 'mail.instagram.com'],
  ],
  [
    /\b(?:chase|wells fargo|bank of america|hsbc)\b/i,
    ['chase.com', 'wellsfargo.com', 'bankofamerica.com', 'hsbc.com'],
  ],
];

export const displayName: ContentRule = ({ from, replyTo }) => {
  if (from === null) return [against('no_from', 2.5, 'From names nobody.')];
  const domain = domainOf(from.address);
  const reasons: FilterReason[] = [];
  const named = /([\w.+-]+@(?:[\w-]+\.)+[a-z]{2,})/i.exec(from.name)?.[1];
  if (named !== undefined && organization(domainOf(named)) !== organization(domain))
    reasons.push(
      against(
        'display_name',
        3,
        `The sender's name is the address ${named}, but the message is from ${from.address}.`,
      ),
    );
  const brand = brands.find(
    ([name, domains]) =>
      name.test(from.name) && !domains.some((one) => organization(one) === organization(domain)),
  );
  if (brand !== undefined && named === undefined)
    reasons.push(
      against(
        'display_name',
        3,
        `The sender calls itself "${from.name}", but ${domain} is not that company's domain.`,
      ),
    );
  if (replyTo !== null && isFree(domainOf(replyTo.address)) && !isFree(domain))
    reasons.push(
      against(
        'reply_to_elsewhere',
        1,
        `Replies go to ${replyTo.address}, a free mailbox, and not to ${domain}.`,
      ),
    );
  return reasons;
};

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function isFree(domain: string): boolean {
  return /^(?:gmail\.com|outlook\.com|hotmail\.com|yahoo\.com|aol\.com|gmx\.\w+|mail\.ru|proton\.me)$/.test(
    domain,
  );
}
