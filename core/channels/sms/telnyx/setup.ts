/**
 * Messaging profiles and the messaging settings of numbers: `/v2/messaging_profiles`, `/v2/phone_numbers/{number}/messaging`.
 * Source: https://developers.telnyx.com/api-reference/profiles/create-a-messaging-profile
 */
import { z } from 'zod';
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { messageOf } from '../../../model/app-error.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import type { SmsDoorPorts } from '../room.ts';
import { uuidOf } from '../uuid.ts';
import { badUrl, objectOf } from './parse.ts';
import { type ProfileBook, profilesMax } from './profiles.ts';
import { type ErrorWords, errorReply, jsonReply, telnyxTime } from './reply.ts';
import { type Profile, type ProfileChange, profileChangeSchema } from './schema.ts';

/** The answer, or an error's code with its words. */
type Outcome = ProviderReply | { readonly code: string; readonly words: ErrorWords };

const profilePath =
  /^\/v2\/messaging_profiles(?:\/([^/]+)(?:\/(phone_numbers|short_codes|alphanumeric_sender_ids))?)?$/;
const numberPath = /^\/v2\/phone_numbers\/([^/]+)\/messaging$/;
const numbersPath = '/v2/phone_numbers/messaging';

/** @returns null where the path is none of these */
export async function answerSetup(
  request: ProviderRequest,
  organization: string,
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): Promise<ProviderAnswer | null> {
  const work = route(request, organization, ports, profiles);
  if (work === null) return null;
  try {
    return answerOf(await work(), organization);
  } catch (error) {
    return answerOf({ code: '10007', words: { status: 503 } }, organization, messageOf(error));
  }
}

function answerOf(outcome: Outcome, user: string, why?: string): ProviderAnswer {
  if ('body' in outcome) return { reply: outcome, refused: null, user };
  const { code, words } = outcome;
  return {
    reply: errorReply(code, words),
    refused: why ?? words.detail ?? `Telnyx's error ${code}`,
    user,
  };
}

function route(
  { method, path, query, body }: ProviderRequest,
  organization: string,
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): (() => Promise<Outcome>) | null {
  if (method === 'GET' && path === numbersPath)
    return () => listNumbers(query, organization, ports, profiles);
  const [, number] = numberPath.exec(path) ?? [];
  if (number !== undefined) {
    const text = decoded(number);
    if (method === 'GET') return () => showNumber(text, organization, ports);
    if (method === 'PATCH') return () => changeNumber(text, body, organization, ports, profiles);
    return null;
  }
  const matched = profilePath.exec(path);
  if (matched === null) return null;
  const [, id, list] = matched;
  if (id === undefined) {
    if (method === 'GET') return async () => listProfiles(query, await profiles.all());
    return method === 'POST' ? () => createProfile(body, organization, ports, profiles) : null;
  }
  if (list !== undefined)
    return method === 'GET'
      ? () =>
          withProfile(decoded(id), profiles, (profile) =>
            Promise.resolve(paged(query, list === 'phone_numbers' ? numbersOf(profile, ports) : [])),
          )
      : null;
  switch (method) {
    case 'GET':
      return () =>
        withProfile(decoded(id), profiles, (profile) =>
          Promise.resolve(jsonReply(200, { data: profileView(profile) })),
        );
    case 'PATCH':
      return () =>
        withProfile(decoded(id), profiles, (profile) => changeProfile(profile, body, ports, profiles));
    case 'DELETE':
      return () =>
        withProfile(decoded(id), profiles, async (profile) => {
          await profiles.remove(profile);
          return jsonReply(200, { data: profileView(profile) });
        });
    default:
      return null;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign: as it stands it names nothing.
    return part;
  }
}

async function withProfile(
  id: string,
  profiles: ProfileBook,
  then: (profile: Profile) => Promise<Outcome>,
): Promise<Outcome> {
  const profile = await profiles.profileFor(id.toLowerCase(), null);
  if (profile === null) return { code: '10005', words: { detail: `There is no messaging profile ${id}.` } };
  return then(profile);
}

async function createProfile(
  body: Uint8Array,
  organization: string,
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): Promise<Outcome> {
  const change = readChange(body);
  if ('code' in change) return change;
  if (change.name === undefined || change.name === '')
    return {
      code: '10004',
      words: { pointer: '/name', detail: "The required parameter 'name' was missing." },
    };
  if (change.whitelisted_destinations === undefined)
    return {
      code: '10004',
      words: {
        pointer: '/whitelisted_destinations',
        detail: "The required parameter 'whitelisted_destinations' was missing.",
      },
    };
  if ((await profiles.all()).length >= profilesMax)
    return {
      code: '10015',
      words: { detail: `There are ${profilesMax} messaging profiles already: delete some.` },
    };
  const now = telnyxTime(ports.virtual.nowMs());
  const profile: Profile = {
    id: uuidOf(ports.random(16)),
    organization_id: organization,
    enabled: true,
    webhook_url: null,
    webhook_failover_url: null,
    webhook_api_version: '2',
    number_pool_settings: null,
    url_shortener_settings: null,
    alpha_sender: null,
    mobile_only: false,
    mms_fall_back_to_sms: false,
    mms_transcoding: false,
    smart_encoding: false,
    daily_spend_limit: null,
    daily_spend_limit_enabled: false,
    v1_secret: ports.random(18).toString('base64url'),
    created_at: now,
    updated_at: now,
    ...given(change),
    name: change.name,
    whitelisted_destinations: change.whitelisted_destinations,
  };
  await profiles.put(profile);
  return jsonReply(200, { data: profileView(profile) });
}

async function changeProfile(
  profile: Profile,
  body: Uint8Array,
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): Promise<Outcome> {
  const change = readChange(body);
  if ('code' in change) return change;
  const changed = { ...profile, ...given(change), updated_at: telnyxTime(ports.virtual.nowMs()) };
  await profiles.put(changed);
  return jsonReply(200, { data: profileView(changed) });
}

type Given<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** Without what was left out. */
function given(change: ProfileChange): Partial<Given<Required<ProfileChange>>> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function readChange(body: Uint8Array): ProfileChange | Extract<Outcome, { code: string }> {
  const value = objectOf(body);
  if (value === null)
    return { code: '10015', words: { pointer: '/', detail: 'The request body is not a JSON object.' } };
  const badKey = ['webhook_url', 'webhook_failover_url'].find((key) => badUrl(value[key]));
  if (badKey !== undefined) return { code: '10003', words: { pointer: `/${badKey}` } };
  const parsed = profileChangeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return {
    code: '10015',
    words: { pointer: `/${issue?.path.join('/') ?? ''}`, detail: issue?.message ?? 'Invalid parameter.' },
  };
}

function profileView(profile: Profile): Readonly<Record<string, unknown>> {
  return { record_type: 'messaging_profile', ...profile };
}

function listProfiles(query: string, all: readonly Profile[]): ProviderReply {
  const asked = new URLSearchParams(query);
  const exact = asked.get('filter[name]') ?? asked.get('filter[name][eq]');
  const part = asked.get('filter[name][contains]')?.toLowerCase() ?? null;
  return paged(
    query,
    all
      .filter(({ name }) => exact === null || name === exact)
      .filter(({ name }) => part === null || name.toLowerCase().includes(part))
      .map(profileView),
  );
}

const pageSizeDefault = 20;
const pageSizeMax = 250;

/** `page[number]` from 1, `page[size]` up to 250. */
function paged(query: string, all: readonly unknown[]): ProviderReply {
  const asked = new URLSearchParams(query);
  const number = wholeOf(asked.get('page[number]'), 1, Number.MAX_SAFE_INTEGER);
  const size = wholeOf(asked.get('page[size]'), pageSizeDefault, pageSizeMax);
  return jsonReply(200, {
    data: all.slice((number - 1) * size, number * size),
    meta: {
      total_pages: Math.max(1, Math.ceil(all.length / size)),
      total_results: all.length,
      page_number: number,
      page_size: size,
    },
  });
}

function wholeOf(text: string | null, otherwise: number, max: number): number {
  const value = Number(text ?? otherwise);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, max) : otherwise;
}

const numberChangeSchema = z.object({ messaging_profile_id: z.string().nullable().optional() });

/** A number is known by itself here, as its id. */
async function changeNumber(
  text: string,
  body: Uint8Array,
  organization: string,
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): Promise<Outcome> {
  const number = phoneNumber(text);
  if (number === null) return notFound(text);
  const change = numberChangeSchema.safeParse(objectOf(body));
  if (!change.success)
    return {
      code: '10015',
      words: { pointer: '/messaging_profile_id', detail: 'Invalid messaging profile ID.' },
    };
  const id = change.data.messaging_profile_id;
  if (id !== undefined) {
    const profile = id === null || id === '' ? null : await profiles.profileFor(id.toLowerCase(), null);
    if (profile === null && id !== null && id !== '')
      return {
        code: '10005',
        words: { pointer: '/messaging_profile_id', detail: `There is no messaging profile ${id}.` },
      };
    await profiles.assign(number.e164, profile);
  }
  return showNumber(number.e164, organization, ports);
}

function showNumber(text: string, organization: string, ports: SmsDoorPorts): Promise<Outcome> {
  const number = phoneNumber(text);
  if (number === null) return Promise.resolve(notFound(text));
  const { service = null } = ports.farSide.sender('telnyx', number.e164) ?? {};
  return Promise.resolve(
    jsonReply(200, {
      data: numberView(number.e164, { profile: service, organization, country: number.country }),
    }),
  );
}

function notFound(text: string): Extract<Outcome, { code: string }> {
  return {
    code: '10005',
    words: { detail: `There is no phone number ${text}; a number is its own id here, as in +13125550001.` },
  };
}

async function listNumbers(
  query: string,
  organization: string,
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): Promise<Outcome> {
  const wanted = new URLSearchParams(query).get('filter[messaging_profile_id]');
  const of = (await profiles.all()).filter(({ id }) => wanted === null || id === wanted);
  return paged(
    query,
    of
      .filter((profile) => profile.organization_id === organization)
      .flatMap((profile) => numbersOf(profile, ports)),
  );
}

function numbersOf(profile: Profile, ports: SmsDoorPorts): readonly unknown[] {
  return ports.farSide.sendersOf('telnyx', profile.id).map(({ sender }) =>
    numberView(sender, {
      profile: profile.id,
      organization: profile.organization_id,
      country: phoneNumber(sender)?.country ?? null,
    }),
  );
}

function numberView(
  number: string,
  about: {
    readonly profile: string | null;
    readonly organization: string;
    readonly country: string | null;
  },
): Readonly<Record<string, unknown>> {
  return {
    record_type: 'messaging_settings',
    id: number,
    phone_number: number,
    messaging_profile_id: about.profile,
    organization_id: about.organization,
    country_code: about.country ?? '',
    type: 'long-code',
    messaging_product: 'A2P',
    traffic_type: 'A2P',
    eligible_messaging_products: ['A2P'],
    tags: [],
    features: {
      sms: { domestic_two_way: true, international_inbound: true, international_outbound: true },
      mms: { domestic_two_way: true, international_inbound: false, international_outbound: false },
    },
  };
}
