/** The user as templates know them: `{{ user.name }}`, and `{{ user.plan }}` for an attribute. Pure. */
import type { User } from './user.ts';

type Known = Pick<User, 'id' | 'name' | 'email' | 'phone' | 'locale' | 'timezone' | 'attributes'>;

/** What the profile says wins over an attribute of the same name. */
export function userVariables({ id, name, email, phone, locale, timezone, attributes }: Known) {
  return { ...attributes, id, name, email, phone, locale, timezone };
}
