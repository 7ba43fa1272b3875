/** Does an act of the far side when it is due. Each may be done twice (a crash in between) without harm to a delivery. */
import { z } from 'zod';
import { assertNever } from '../../model/app-error.ts';
import type { Act } from '../../model/delivery.ts';
import { placements } from '../../model/delivery.ts';
import type { NewCopy } from '../../model/mailbox-copy.ts';
import { clickLink, deleteCopy, openMessage } from '../actions.ts';
import { type MailboxRoom, type OpenedCopy, openCopy, tell } from '../mailbox-room.ts';
import { autoReply } from './auto-reply.ts';
import { type BounceReply, bounceLater, tellSuccess } from './bounce-later.ts';
import { complain } from './complain.ts';
import { type DsnWishes, dsnWishesSchema, noWishes } from './dsn-wishes.ts';
import { type ActKind, actKinds } from './plan-acts.ts';
import { fetchPictures, scanLinks } from './visits.ts';

export async function performAct(room: MailboxRoom, act: Act): Promise<void> {
  const kind = actKinds.find((one) => one === act.kind);
  if (kind === undefined) return room.ports.onProblem(`an act of an unknown kind was due: ${act.kind}`);
  if (kind === 'place' || kind === 'out_of_band_bounce') return withHeldCopy(room, act, kind);
  const { copyId } = act.data;
  const opened = typeof copyId === 'string' ? await openCopy(room, copyId) : null;
  // Deleted in the meantime, by retention or by hand: nothing is left to act on.
  if (opened === null || opened.copy.flags.deleted) return;
  if (kind === 'success_dsn') return tellSuccess(room, opened, wishesIn(act));
  const { text } = act.data;
  await actOn(room, opened, kind, typeof text === 'string' ? text : null);
}

async function actOn(
  room: MailboxRoom,
  opened: OpenedCopy,
  kind: Exclude<ActKind, 'place' | 'out_of_band_bounce' | 'success_dsn'>,
  text: string | null,
): Promise<void> {
  switch (kind) {
    case 'complain':
      if (!opened.copy.flags.reportedSpam) await complain(room, opened);
      return;
    case 'auto_reply':
      await autoReply(room, opened, text);
      return;
    case 'prefetch': {
      const pictures = await fetchPictures(room, opened, true);
      if (pictures > 0) await tell(room, opened, 'opened', { by: 'prefetch', pictures });
      return;
    }
    case 'scan': {
      const links = await scanLinks(room, opened);
      if (links > 0) await tell(room, opened, 'clicked', { by: 'scanner', links });
      return;
    }
    case 'open':
      await openMessage(room, opened, {});
      return;
    case 'click': {
      const [url] = opened.facts.links;
      if (url !== undefined) await clickLink(room, opened, url);
      return;
    }
    case 'ignore':
      await deleteCopy(room, opened);
      return;
    default:
      return assertNever(kind);
  }
}

/** What it was written with is ours; it is looked at again because it comes from the disk. */
const heldCopySchema = z.looseObject({
  id: z.string(),
  provider: z.string(),
  mailbox: z.string(),
  deliveryId: z.string().nullable(),
  messageId: z.string(),
  placement: z.enum(placements),
  envelopeFrom: z.string(),
});

async function withHeldCopy(
  room: MailboxRoom,
  act: Act,
  kind: 'place' | 'out_of_band_bounce',
): Promise<void> {
  const { copy, base64 } = act.data;
  if (!isHeldCopy(copy) || typeof base64 !== 'string')
    return room.ports.onProblem('a message that was held back cannot be read any more');
  const whole = { ...copy, receivedAtMs: room.ports.virtual.nowMs(), bytes: Buffer.from(base64, 'base64') };
  if (kind === 'out_of_band_bounce')
    return bounceLater(room, { ...whole, receivedAtMs: copy.receivedAtMs }, wishesIn(act), replyIn(act));
  if ((await room.ports.store.copy(copy.id)) === null) await room.ports.accepted([whole], []);
}

const bounceReplySchema = z.object({ code: z.int(), enhanced: z.string(), text: z.string() });

function replyIn({ data }: Act): BounceReply | null {
  return bounceReplySchema.safeParse(data.reply).data ?? null;
}

function wishesIn({ data }: Act): DsnWishes {
  const parsed = dsnWishesSchema.safeParse(data.dsn);
  return parsed.success ? parsed.data : noWishes;
}

function isHeldCopy(value: unknown): value is Omit<NewCopy, 'bytes'> {
  return heldCopySchema.safeParse(value).success;
}
