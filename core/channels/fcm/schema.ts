/**
 * The request of FCM v1 as its protocol buffers have it: which fields there are, and of what kind. The body is checked
 * against this before FCM sees it, by proto-json.
 * Source: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages, and the discovery document behind
 * @googleapis/fcm.
 */

export type ScalarKind = 'string' | 'bool' | 'int32' | 'float';

export type FieldKind =
  | { readonly kind: ScalarKind }
  /** A number of seconds with an `s` behind it. */
  | { readonly kind: 'duration' }
  | { readonly kind: 'timestamp' }
  /** Any JSON object. */
  | { readonly kind: 'struct' }
  /** From string to string. */
  | { readonly kind: 'map' }
  | { readonly kind: 'enum'; readonly type: string; readonly values: readonly string[] }
  | { readonly kind: 'message'; readonly type: MessageType }
  | { readonly kind: 'repeated'; readonly of: FieldKind };

export interface MessageType {
  readonly name: string;
  /** By their names in the protocol buffers; in JSON they may be in camel case too. */
  readonly fields: Readonly<Record<string, FieldKind>>;
  /** Of these only one may be there. */
  readonly oneof?: { readonly name: string; readonly fields: readonly string[] };
}

const text: FieldKind = { kind: 'string' };
const bool: FieldKind = { kind: 'bool' };
const duration: FieldKind = { kind: 'duration' };
const map: FieldKind = { kind: 'map' };
const struct: FieldKind = { kind: 'struct' };
const texts: FieldKind = { kind: 'repeated', of: text };

function message(name: string, fields: Readonly<Record<string, FieldKind>>): FieldKind {
  return { kind: 'message', type: { name: `google.firebase.fcm.v1.${name}`, fields } };
}

function oneOf(name: string, values: readonly string[]): FieldKind {
  return { kind: 'enum', type: `google.firebase.fcm.v1.${name}`, values };
}

const color: FieldKind = {
  kind: 'message',
  type: {
    name: 'google.type.Color',
    fields: {
      red: { kind: 'float' },
      green: { kind: 'float' },
      blue: { kind: 'float' },
      alpha: { kind: 'float' },
    },
  },
};

const analytics = { analytics_label: text };

const androidNotification = message('AndroidNotification', {
  title: text,
  body: text,
  icon: text,
  color: text,
  sound: text,
  tag: text,
  click_action: text,
  body_loc_key: text,
  body_loc_args: texts,
  title_loc_key: text,
  title_loc_args: texts,
  channel_id: text,
  ticker: text,
  sticky: bool,
  event_time: { kind: 'timestamp' },
  local_only: bool,
  notification_priority: oneOf('AndroidNotification.NotificationPriority', [
    'PRIORITY_UNSPECIFIED',
    'PRIORITY_MIN',
    'PRIORITY_LOW',
    'PRIORITY_DEFAULT',
    'PRIORITY_HIGH',
    'PRIORITY_MAX',
  ]),
  default_sound: bool,
  default_vibrate_timings: bool,
  default_light_settings: bool,
  vibrate_timings: { kind: 'repeated', of: duration },
  visibility: oneOf('AndroidNotification.Visibility', [
    'VISIBILITY_UNSPECIFIED',
    'PRIVATE',
    'PUBLIC',
    'SECRET',
  ]),
  notification_count: { kind: 'int32' },
  light_settings: message('LightSettings', {
    color,
    light_on_duration: duration,
    light_off_duration: duration,
  }),
  image: text,
  bypass_proxy_notification: bool,
  proxy: oneOf('AndroidNotification.Proxy', ['PROXY_UNSPECIFIED', 'ALLOW', 'DENY', 'IF_PRIORITY_LOWERED']),
});

const messageType: MessageType = {
  name: 'google.firebase.fcm.v1.Message',
  oneof: { name: 'target', fields: ['token', 'topic', 'condition', 'fid'] },
  fields: {
    // Output only: taken and passed over.
    name: text,
    data: map,
    notification: message('Notification', { title: text, body: text, image: text }),
    android: message('AndroidConfig', {
      collapse_key: text,
      priority: oneOf('AndroidMessagePriority', ['NORMAL', 'HIGH']),
      ttl: duration,
      restricted_package_name: text,
      data: map,
      notification: androidNotification,
      fcm_options: message('AndroidFcmOptions', analytics),
      direct_boot_ok: bool,
      bandwidth_constrained_ok: bool,
      restricted_satellite_ok: bool,
    }),
    webpush: message('WebpushConfig', {
      headers: map,
      data: map,
      notification: struct,
      fcm_options: message('WebpushFcmOptions', { link: text, ...analytics }),
    }),
    apns: message('ApnsConfig', {
      headers: map,
      payload: struct,
      fcm_options: message('ApnsFcmOptions', { image: text, ...analytics }),
      live_activity_token: text,
    }),
    fcm_options: message('FcmOptions', analytics),
    token: text,
    topic: text,
    condition: text,
    fid: text,
  },
};

export const sendRequestType: MessageType = {
  name: 'google.firebase.fcm.v1.SendMessageRequest',
  fields: { validate_only: bool, message: { kind: 'message', type: messageType } },
};
