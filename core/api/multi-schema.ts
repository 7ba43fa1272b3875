/** The wire shapes of sends over several channels. Shapes are checked here, what they mean in core/multichannel. */
import { z } from '@hono/zod-openapi';
import { streams } from '../model/delivery.ts';
import { inAppFrequencies, inAppKinds, pageDirectives, pageOperators } from '../model/inapp.ts';
import { userChannels } from '../model/user.ts';
import {
  channelPreferencesSchema,
  profileShape,
  topicIdSchema,
  userIdSchema,
} from '../people/user-schema.ts';
import {
  emailRequestSchema,
  inAppRequestSchema,
  pushRequestSchema,
  smsRequestSchema,
} from './send-schema.ts';

const recipientsMax = 10_000;
const textCharsMax = 1024 * 1024;
const expressionCharsMax = 10_000;
const idCharsMax = 256;
const phoneCharsMax = 60;

const variables = z.record(z.string(), z.unknown());
const { name, email, locale, attributes, devices } = profileShape;

const userRecipient = z
  .strictObject({
    user: userIdSchema,
    name: name.unwrap().exactOptional(),
    email: email.unwrap().exactOptional(),
    // What it means is looked at in slices: ten thousand numbers take a while.
    phone: z.string().trim().max(phoneCharsMax).exactOptional().describe('with its country, as +14155550123'),
    locale: locale.unwrap().exactOptional(),
    attributes: attributes.exactOptional(),
    devices: devices.exactOptional(),
    preferences: channelPreferencesSchema.exactOptional().describe('of channels, for this send'),
    variables: variables.exactOptional().describe('besides those of the send'),
  })
  .openapi('MultiUser', {
    description:
      'A user of the Users room, or one that nobody told of; what is said here counts for this send alone.',
  });
const segmentRecipient = z.strictObject({
  segment: z
    .string()
    .min(1)
    .max(idCharsMax)
    .describe('id of a segment: whoever is in it when the send is taken'),
});
const expressionRecipient = z.strictObject({
  expression: z.string().min(1).max(expressionCharsMax).describe('CEL, as of a segment'),
});
const recipient = z.union([userIdSchema, userRecipient, segmentRecipient, expressionRecipient]);

const text = z.string().max(textCharsMax);
const url = z.string().max(2_000);

const actionsSchema = z
  .array(
    z.strictObject({
      id: z.string().max(idCharsMax).exactOptional(),
      label: text,
      url: url.exactOptional(),
      style: z.enum(['primary', 'secondary']).exactOptional(),
      dismisses: z.boolean().exactOptional(),
    }),
  )
  .max(20);

const slideSchema = z.strictObject({
  title: text.exactOptional(),
  body: text.exactOptional(),
  image: url.exactOptional(),
  actions: actionsSchema.exactOptional(),
});

const displaySchema = z
  .strictObject({
    kind: z.enum(inAppKinds).exactOptional(),
    slot: z.string().max(idCharsMax).nullable().exactOptional(),
    pageRules: z
      .array(
        z.strictObject({
          directive: z.enum(pageDirectives),
          operator: z.enum(pageOperators),
          argument: z.string().max(2_000),
        }),
      )
      .max(50)
      .exactOptional(),
    frequency: z.enum(inAppFrequencies).exactOptional(),
    maxPerWeek: z.int().min(1).nullable().exactOptional(),
    minIntervalS: z.int().min(0).nullable().exactOptional(),
    trigger: z.string().max(idCharsMax).nullable().exactOptional(),
    oncePerSession: z.boolean().exactOptional(),
  })
  .openapi('MultiInAppDisplay');

/** Text is Liquid; what a template says of the same channel gives way to it. */
const contentSchema = z
  .strictObject({
    email: z
      .strictObject({
        subject: text,
        preheader: text.optional(),
        html: text.optional(),
        mjml: text.optional(),
        format: z.enum(['mjml', 'html']).optional().describe('of `body`'),
        body: text.optional().describe('instead of html or mjml, as templates have it'),
        text: text.optional().describe('made of the body where it is left out'),
        from: z.string().max(1_000).optional(),
      })
      .exactOptional(),
    push: z
      .strictObject({
        title: text.exactOptional(),
        body: text,
        image: url.exactOptional(),
        link: url.exactOptional(),
        data: z.record(z.string(), z.string()).exactOptional(),
      })
      .exactOptional(),
    sms: z.strictObject({ body: text, from: z.string().max(100).exactOptional() }).exactOptional(),
    inapp: z
      .strictObject({
        title: text.exactOptional(),
        body: text,
        image: url.exactOptional(),
        link: url.exactOptional(),
        actions: actionsSchema.exactOptional(),
        slides: z.array(slideSchema).max(20).exactOptional().describe('of a carousel'),
        data: variables.exactOptional(),
        display: displaySchema.exactOptional(),
        priority: z.int().min(0).max(1_000).exactOptional(),
        saveToInbox: z.boolean().exactOptional(),
      })
      .exactOptional(),
  })
  .describe('by channel, beside or instead of a template; its text is Liquid')
  .openapi('MultiContent');

const overridesSchema = z
  .strictObject({
    email: emailRequestSchema
      .pick({
        replyTo: true,
        attachments: true,
        headers: true,
        listUnsubscribe: true,
        feedbackId: true,
        trackOpens: true,
        trackClicks: true,
      })
      .partial()
      .exactOptional(),
    push: pushRequestSchema
      .pick({
        subtitle: true,
        badge: true,
        sound: true,
        ttlSeconds: true,
        collapseKey: true,
        priority: true,
        group: true,
        category: true,
        ios: true,
        android: true,
        web: true,
      })
      .partial()
      .exactOptional(),
    sms: smsRequestSchema
      .pick({
        from: true,
        media: true,
        provider: true,
        providers: true,
        trackLinks: true,
        validitySeconds: true,
        reference: true,
      })
      .partial()
      .exactOptional(),
    inapp: inAppRequestSchema
      .pick({ slides: true, priority: true, ttlSeconds: true, expiresAt: true, saveToInbox: true })
      .partial()
      .exactOptional(),
  })
  .describe('what else the request of a channel knows: open tracking, time to live, provider')
  .openapi('MultiOverrides');

export const multiRequestSchema = z
  .strictObject({
    channel: z.literal('multi').describe('may be left out where `channels` is given'),
    channels: z.array(z.enum(userChannels)).max(100).describe('in the order of preference'),
    to: z
      .union([recipient, z.array(recipient).max(100_000)])
      .optional()
      .describe(
        `users; up to ${recipientsMax}, those of segments and expressions among them. Each is a delivery`,
      ),
    routing: z
      .enum(['first', 'all'])
      .optional()
      .describe('first: the next channel only after what `fallback` says; all: each of them at once'),
    fallback: z
      .strictObject({
        afterUndeliverable: z.boolean().optional().describe('true where it is missing'),
        unreadAfterSeconds: z
          .number()
          .optional()
          .describe(
            'the next channel goes out too when nobody opened, clicked or saw the message for so long after a provider took it, in-app after it was there (virtual time). Of an SMS only a click or an answer tells that it was read',
          ),
        giveUpAfterSeconds: z
          .number()
          .optional()
          .describe(
            'the next channel is tried when this one has not delivered for so long (virtual time); what nobody took yet is canceled',
          ),
      })
      .optional(),
    template: z
      .union([
        z.string().min(1).max(idCharsMax),
        z.strictObject({
          id: z.string().min(1).max(idCharsMax),
          version: z.union([z.int().min(1), z.literal('draft')]).optional(),
        }),
      ])
      .optional()
      .describe('its published version where none is named'),
    content: contentSchema.optional(),
    variables: variables.optional().describe('for the text, beside `user`'),
    topic: topicIdSchema
      .optional()
      .describe('what it is about, which users can unsubscribe from; left out: what its template is about'),
    from: z.string().max(1_000).optional().describe('of mail, where neither template nor content says'),
    overrides: overridesSchema.optional(),
    tags: z.array(z.string()).max(1_000).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    stream: z
      .enum(streams)
      .optional()
      .describe('transactional, said so: goes to users who turned a channel off, unless it has a topic'),
    sendAt: z.string().optional().describe('ISO 8601 with an offset; at once where it is missing'),
    project: z.string().optional(),
  })
  .openapi('SendMultiRequest');
