import { frameworkRecipes } from './framework-recipes.ts';
import { inAppRecipes } from './inapp-recipes.ts';
import { languageRecipes } from './language-recipes.ts';
import { pushRecipes } from './push-recipes.ts';
import { sendRecipes } from './send-recipes.ts';
import { smsRecipes } from './sms-recipes.ts';
import { toolRecipes } from './tool-recipes.ts';

/** Settings to paste for one framework, language or tool. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly group: 'framework' | 'language' | 'tool' | 'push' | 'sms' | 'inapp' | 'send';
  /** Of the code, for whoever highlights it. */
  readonly language: string;
  readonly code: string;
  readonly note: string;
}

/** Where this core listens, as an app on this machine would write it. */
export interface RecipeFacts {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly url: string;
  readonly caFile: string;
  /** A user name that sorts what is sent into a project of that name. */
  readonly user?: string;
}

/** What every recipe is made from: the plain SMTP door, and a user name when a project is wanted. */
export interface RecipeDoor {
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly url: string;
  readonly caFile: string;
}

/** The sandbox takes any password; a client that wants to authenticate still needs one to send. */
export const anyPassword = 'any';

/**
 * Settings to paste, with the host and port this core really has.
 *
 * Those for mail lead to the plain SMTP door. It offers no STARTTLS, so a client that would insist on TLS is told not to,
 * and none has to trust the sandbox's own certificate authority.
 *
 * @returns nothing for doors that are closed
 */
export function recipes(facts: RecipeFacts): readonly Recipe[] {
  return [
    ...mailRecipes(facts),
    ...pushRecipes(facts),
    ...smsRecipes(facts),
    ...inAppRecipes(facts),
    ...sendRecipes(facts),
  ];
}

function mailRecipes(facts: RecipeFacts): readonly Recipe[] {
  const { smtp: port } = facts.ports;
  if (typeof port !== 'number') return [];
  const door: RecipeDoor = {
    host: facts.host,
    port,
    user: facts.user ?? null,
    url: facts.url,
    caFile: facts.caFile,
  };
  return [...frameworkRecipes(door), ...languageRecipes(door), ...toolRecipes(door)];
}
