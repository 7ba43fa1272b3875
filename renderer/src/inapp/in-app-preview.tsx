import { IconChevronLeft, IconChevronRight, IconPhoto } from '@tabler/icons-react';
import { useState } from 'react';
import type { InAppMessage } from '../api/inapp.ts';
import { Picture } from '../phones/picture.tsx';
import classes from './in-app-preview.module.css';
import { kindWords } from './in-app-words.ts';

type Content = InAppMessage['content'];

interface InAppPreviewProps {
  readonly content: Pick<Content, 'title' | 'body' | 'image' | 'actions' | 'slides'>;
  readonly kind: InAppMessage['display']['kind'];
  readonly width: 'phone' | 'desktop';
  readonly scheme: 'light' | 'dark';
  /** Whose pictures the core may fetch when somebody asks; null: they are only named. */
  readonly messageId?: string | null;
}

/** How an app with plain markup would show it: a picture of an app, where nothing can be clicked but the slides. */
export function InAppPreview({ content, kind, width, scheme, messageId = null }: InAppPreviewProps) {
  const message = (
    <div className={classes.message} data-kind={kind}>
      {kind === 'carousel' ? (
        <Carousel content={content} messageId={messageId} />
      ) : (
        <Part part={content} messageId={messageId} />
      )}
      {kind !== 'inbox' && (
        <span className={classes.close} aria-hidden>
          Close
        </span>
      )}
    </div>
  );
  return (
    <figure
      className={classes.app}
      data-width={width}
      data-scheme={scheme}
      aria-label={`As ${kindWords[kind]} on a ${width === 'phone' ? 'phone' : 'desktop'}, ${scheme}`}
    >
      <div className={classes.top} aria-hidden>
        <i />
        <i />
      </div>
      <div className={classes.page}>
        {(kind === 'inline' || kind === 'carousel') && message}
        {kind === 'inbox' ? (
          <div className={classes.feed}>
            <span className={classes.feedTitle}>Messages</span>
            {message}
          </div>
        ) : (
          <>
            <Card />
            <Card />
            <Card />
          </>
        )}
      </div>
      {kind === 'banner' && message}
      {(kind === 'modal' || kind === 'fullScreen') && (
        <div className={classes.over} data-kind={kind}>
          {message}
        </div>
      )}
    </figure>
  );
}

const Card = () => (
  <div className={classes.card} aria-hidden>
    <i />
    <i />
    <i />
  </div>
);

interface PartProps {
  readonly part: Pick<Content, 'title' | 'body' | 'image' | 'actions'>;
  readonly messageId: string | null;
}

function Part({ part, messageId }: PartProps) {
  const { title, body, image, actions } = part;
  return (
    <>
      {image !== null && <Image url={image} messageId={messageId} />}
      {title !== null && <strong className={classes.title}>{title}</strong>}
      {body !== null && <p className={classes.body}>{body}</p>}
      {actions.length > 0 && (
        <div className={classes.actions}>
          {actions.map(({ id, label, style }) => (
            <span key={id} className={classes.action} data-style={style}>
              {label}
            </span>
          ))}
        </div>
      )}
    </>
  );
}

/** What the message has in itself is shown; what is elsewhere is fetched when somebody asks. */
function Image({ url, messageId }: { readonly url: string; readonly messageId: string | null }) {
  if (url.startsWith('data:')) return <img className={classes.image} src={url} alt="" />;
  if (messageId !== null) return <Picture messageId={messageId} url={url} />;
  return (
    <span className={classes.noImage}>
      <IconPhoto size={14} aria-hidden /> {url}
    </span>
  );
}

function Carousel({
  content,
  messageId,
}: {
  readonly content: InAppPreviewProps['content'];
  readonly messageId: string | null;
}) {
  const { slides } = content;
  const [at, setAt] = useState(0);
  const slide = slides[at] ?? slides[0];
  const go = (by: number) => setAt((at + by + slides.length) % slides.length);
  return (
    <>
      <Part part={content} messageId={messageId} />
      {slide !== undefined && <Part part={slide} messageId={messageId} />}
      {slides.length > 0 && (
        <div className={classes.turn}>
          <button type="button" className={classes.arrow} aria-label="Previous slide" onClick={() => go(-1)}>
            <IconChevronLeft size={14} aria-hidden />
          </button>
          <span>
            {at + 1} of {slides.length}
          </span>
          <button type="button" className={classes.arrow} aria-label="Next slide" onClick={() => go(1)}>
            <IconChevronRight size={14} aria-hidden />
          </button>
        </div>
      )}
    </>
  );
}
