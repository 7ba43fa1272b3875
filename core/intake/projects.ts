/** Which project a message belongs to: rules first, then the header, then the user name, else `main`. Pure. */
import { headerValue } from '../model/header-block.ts';
import { matchesPattern } from '../model/patterns.ts';
import type { ProjectRule } from '../model/project-rule.ts';

export const mainProject = 'main';
/** Projects made on the fly at the most; what would need one more lands in `main`. */
export const projectsMax = 500;

export interface ProjectPolicy {
  readonly rules: readonly ProjectRule[];
  readonly fromUserName: boolean;
  readonly header: string | null;
  readonly onTheFly: boolean;
}

export interface ProjectEvidence {
  readonly door: string;
  readonly user: string | null;
  /** It has header fields, and a user name that somebody may have chosen for a project: an account at a provider is no such. */
  readonly isMail: boolean;
  readonly recipients: readonly string[];
  /** The start of the message, as far as headers may reach; decoded as latin1. Read only when a header matters. */
  readonly headerBlock: () => string;
}

export function projectOf(policy: ProjectPolicy, evidence: ProjectEvidence): string {
  for (const rule of policy.rules) {
    if (ruleHolds(rule, evidence)) return projectName(rule.project) ?? mainProject;
  }
  if (!evidence.isMail) return mainProject;
  if (policy.header !== null) {
    const named = projectName(headerOf(evidence, policy.header) ?? '');
    if (named !== null) return named;
  }
  if (policy.fromUserName && evidence.user !== null) {
    const named = projectName(evidence.user);
    if (named !== null) return named;
  }
  return mainProject;
}

/** A project's name: lower case, and only what is plain in a URL and on a screen. @returns null when nothing is left */
export function projectName(text: string): string | null {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
  return name === '' ? null : name;
}

function ruleHolds(rule: ProjectRule, evidence: ProjectEvidence): boolean {
  switch (rule.by) {
    case 'user':
      return evidence.user !== null && matchesPattern(rule.match, evidence.user);
    case 'recipient':
      return evidence.recipients.some((recipient) => matchesPattern(rule.match, recipient));
    case 'door':
      return matchesPattern(rule.match, evidence.door);
    case 'header': {
      const value = headerOf(evidence, rule.header ?? '');
      return value !== null && matchesPattern(rule.match, value);
    }
  }
}

function headerOf(evidence: ProjectEvidence, name: string): string | null {
  if (name === '') return null;
  const block = evidence.headerBlock();
  // Most messages have no such header: a plain look for its name is far cheaper than splitting the block.
  return block.toLowerCase().includes(`${name.toLowerCase()}:`) ? headerValue(block, name) : null;
}
