/** What goes out for one user by one channel: the request that an app of its own would have made. Pure. */
import { requestOfTemplate } from '../model/inapp-submission.ts';
import type { RenderedTemplate } from '../model/template.ts';
import type { User, UserChannel } from '../model/user.ts';
import type { Reach, StepAbout } from './ports.ts';
import { type Refused, refused } from './refusal.ts';

export type ChannelRequest =
  | { readonly request: Readonly<Record<string, unknown>> }
  | { readonly refused: Refused };

/** Before anything is rendered. @returns where the message can go, or null: nowhere */
export function addressesFor(channel: UserChannel, user: User, reach: Reach): unknown | null {
  switch (channel) {
    case 'email':
      return user.email === null ? null : [{ ...named(user.name), address: user.email }];
    case 'push': {
      const tokens = user.devices.map(({ provider, token, keys, app, environment }) => ({
        ...(keys === undefined ? { provider, token } : { subscription: { endpoint: token, keys } }),
        ...(app === null ? {} : { app }),
        ...(environment === null || keys !== undefined ? {} : { environment }),
      }));
      const to = [...(reach.devicesOf(user.id) > 0 ? [{ user: user.id }] : []), ...tokens];
      return to.length === 0 ? null : to;
    }
    case 'sms':
      if (user.phone !== null) return [{ number: user.phone }];
      return reach.handsetsOf(user.id) > 0 ? [{ user: user.id }] : null;
    case 'inapp':
      return [{ user: user.id }];
    default:
      return channel satisfies never;
  }
}

/** What is missing, for each channel, where there is no address. */
export const noAddress: Readonly<Record<UserChannel, string>> = {
  email: 'no mail address is known of this user; give `email` in the Users room or with the request',
  push: 'no device with a token is known of this user; register one in the Phones room, or give `devices`',
  sms: 'no phone number is known of this user; give `phone` in the Users room or with the request',
  inapp: 'this user has no queue',
};

export function requestFor(
  channel: UserChannel,
  to: unknown,
  content: RenderedTemplate['content'],
  about: StepAbout,
  reach: Reach,
): ChannelRequest {
  const said = contentFor(channel, content, about, reach);
  if ('refused' in said) return said;
  const { send, project } = about;
  return {
    request: {
      ...said.request,
      tags: send.tags,
      metadata: send.metadata,
      project,
      ...(send.stream === null ? {} : { stream: send.stream }),
      ...send.overrides[channel],
      channel,
      to,
    },
  };
}

function contentFor(
  channel: UserChannel,
  content: RenderedTemplate['content'],
  { send, user }: StepAbout,
  reach: Reach,
): ChannelRequest {
  const nothing: ChannelRequest = {
    refused: refused(
      'no_channel',
      `neither the template nor the request says anything for ${channel}`,
      'content',
    ),
  };
  switch (channel) {
    case 'email': {
      const { email } = content;
      if (email === undefined) return nothing;
      const from = email.from ?? send.from;
      if (from === null)
        return {
          refused: refused(
            'no_provider',
            'nobody says whom the mail is from; give `from` with the send or in the template',
          ),
        };
      const url = send.topic === null ? null : reach.unsubscribeUrl(user.id, send.topic);
      return {
        request: {
          from,
          subject: kept(email.subject),
          ...(email.html === '' ? {} : { html: kept(email.html) }),
          ...(email.text === '' ? {} : { text: kept(email.text) }),
          ...(url === null ? {} : { listUnsubscribe: { url, oneClick: true } }),
        },
      };
    }
    case 'push':
      return content.push === undefined ? nothing : { request: { ...content.push } };
    case 'sms':
      return content.sms === undefined ? nothing : { request: { ...content.sms } };
    case 'inapp':
      return content.inapp === undefined ? nothing : { request: requestOfTemplate(content.inapp) };
    default:
      return channel satisfies never;
  }
}

function named(name: string | null): { readonly name?: string } {
  return name === null ? {} : { name };
}

/** It is filled in already: braces that a value brought along are none of a request's placeholders. */
function kept(text: string): string {
  return text.replaceAll(/\{\{\{?\s{0,20}[\w.-]{1,100}\s{0,20}\}\}\}?/g, '\\$&');
}
