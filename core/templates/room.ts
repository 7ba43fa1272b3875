/** The templates' room: templates are kept as documents, their versions beside them; all of it is in memory too. */
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { Template, TemplateBook, TemplateUse, TemplateVersion } from '../model/template.ts';
import type { Store } from '../store/store.ts';
import { type Change, changesBetween } from './changes.ts';
import { checkTemplate, type InAppFaults, type TemplateCheck, wordsFor } from './check.ts';
import {
  changesWaitingMax,
  roomCharsMax,
  templateCharsMax,
  templatesMax,
  versionCharsMax,
  versionsKept,
} from './limits.ts';
import { type PreviewRequest, type PushSizes, previewTemplate, type TemplatePreview } from './preview.ts';
import { createRenderer, type RenderedMore, type Renderer } from './renderer.ts';
import { type DraftContent, isDraftContent } from './schema.ts';
import { readHead, storedHead } from './stored.ts';
import { withSamples } from './variables.ts';

export interface TemplateHead {
  readonly name: string;
  readonly description: string | null;
  readonly topic: string | null;
  readonly locale: string | null;
}

/** What the screen and the API ask of the room, besides what sends ask. */
export interface TemplatesRoom extends TemplateBook {
  readonly renderer: Renderer;
  /** By name. */
  list(): readonly Template[];
  /** @throws AppError `not_found` */
  find(id: string): Template;
  /** @throws AppError `not_found` */
  version(id: string, which: TemplateUse['version']): TemplateVersion;
  /** @param id null: made of its name @throws AppError `not_possible` */
  make(id: string | null, head: TemplateHead, draft: DraftContent): Promise<Template>;
  /** Takes one as it was elsewhere, with its versions, in place of one of its id. @throws AppError `not_possible`, `too_large` */
  adopt(template: Template): Promise<Template>;
  /** @param revision that was read; null: whatever it is now @throws AppError `changed_meanwhile`, `too_large` */
  change(id: string, revision: number | null, next: Partial<TemplateHead & DraftContent>): Promise<Template>;
  remove(id: string, revision: number | null): Promise<void>;
  /** Of the draft, or of the newest version where there is none. */
  check(id: string): Promise<TemplateCheck>;
  /** @throws AppError `invalid_template` with what stands in the way */
  publish(id: string, revision: number | null): Promise<Template>;
  unpublish(id: string, revision: number | null): Promise<Template>;
  /** Takes a version into the draft. */
  restore(id: string, version: number, revision: number | null): Promise<Template>;
  duplicate(id: string, as: { readonly id: string | null; readonly name: string | null }): Promise<Template>;
  /**
   * What differs between two of its versions.
   *
   * @param between what is left out: from what is published, or from the newest version where nothing is; to the draft
   * @throws AppError `not_found`, `unpublished`
   */
  changes(id: string, between?: Compared): readonly Change[];
  renderMore(use: TemplateUse): Promise<RenderedMore>;
  /** What is given, over the samples of what is not. */
  withSamples(
    id: string,
    which: TemplateUse['version'],
    given: TemplateUse['variables'],
  ): TemplateUse['variables'];
  preview(id: string, request: PreviewRequest): Promise<TemplatePreview>;
  close(): Promise<void>;
}

/** Null: the published one. */
export interface Compared {
  readonly from?: TemplateUse['version'] | undefined;
  readonly to?: TemplateUse['version'] | undefined;
}

export interface TemplatePorts {
  readonly store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>;
  readonly clock: Clock;
  /** Virtual time: `now` in a template. */
  readonly nowMs: () => number;
  readonly pushSizes: PushSizes;
  readonly inAppFaults: InAppFaults;
  readonly onProblem: (text: string) => void;
}

const headKind = 'template';
const versionKind = 'template_version';
const nothing: DraftContent = { content: {}, locales: {}, variables: [] };

export async function openTemplates(ports: TemplatePorts): Promise<TemplatesRoom> {
  const { store, clock, inAppFaults } = ports;
  const renderer = createRenderer(ports);
  const checkPorts = { renderer, inAppFaults };
  const templates = await load(ports);
  const sizes = new Map([...templates].map(([id, template]) => [id, charsOf(template)]));
  /** One change after another: each sees what the one before it made. */
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    if (waiting >= changesWaitingMax)
      return Promise.reject(
        new AppError('store_busy', 'too many changes of templates wait; try again in a moment'),
      );
    waiting++;
    const turn = last.then(change).finally(() => waiting--);
    // Whoever asked for the change hears of it; the next one goes on.
    last = turn.catch(() => undefined);
    return turn;
  }

  function find(id: string): Template {
    const template = templates.get(id);
    if (template === undefined) throw new AppError('not_found', `There is no template “${id}”.`);
    return template;
  }

  function versionOf(template: Template, which: TemplateUse['version']): TemplateVersion {
    const { id, name, published, versions, draft } = template;
    if (which === 'draft') return draft ?? newest(template);
    if (which === null && published === null)
      throw new AppError(
        'unpublished',
        `The template “${name}” is not published; publish it, or name a version.`,
        {
          errors: [{ field: 'template', code: 'unpublished', detail: `“${id}” is not published.` }],
        },
      );
    const wanted = versions.find(({ version }) => version === (which ?? published));
    if (wanted === undefined)
      throw new AppError(
        'not_found',
        `The template “${name}” has no version ${which ?? published} any more.`,
      );
    return wanted;
  }

  function newest({ name, versions }: Template): TemplateVersion {
    const version = versions.at(-1);
    if (version === undefined)
      throw new AppError('not_found', `The template “${name}” has neither a draft nor a version.`);
    return version;
  }

  function expected(id: string, revision: number | null): Template {
    const template = find(id);
    if (revision !== null && revision !== template.revision)
      throw new AppError(
        'changed_meanwhile',
        `The template “${template.name}” was changed meanwhile: it is at revision ${template.revision}, not ${revision}. Read it again, and change that.`,
      );
    return template;
  }

  async function keep(next: Template): Promise<Template> {
    const chars = charsOf(next);
    const others = [...sizes].reduce((sum, [id, size]) => (id === next.id ? sum : sum + size), 0);
    if (others + chars > roomCharsMax)
      throw new AppError(
        'not_possible',
        `All templates together have more than ${roomCharsMax} characters; remove some.`,
      );
    await store.saveDocument(headKind, next.id, storedHead(next));
    templates.set(next.id, next);
    sizes.set(next.id, chars);
    return next;
  }

  function withDraft(template: Template, draft: DraftContent): Template {
    const chars = JSON.stringify(draft).length;
    if (chars > versionCharsMax)
      throw new AppError(
        'too_large',
        `The template has ${chars} characters with all its languages; ${versionCharsMax} are the limit.`,
      );
    const last = template.versions.at(-1);
    const { content, locales, variables } = draft;
    if (last !== undefined && sameContent(last, draft)) return { ...template, draft: null };
    const version = (last?.version ?? 0) + 1;
    return {
      ...template,
      draft: { version, content, locales, variables, publishedAtMs: null, changedAtMs: clock.wallMs() },
    };
  }

  const room: TemplatesRoom = {
    renderer,
    list: () =>
      [...templates.values()].toSorted(
        (a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1),
      ),
    get: (id) => templates.get(id) ?? null,
    find,
    version: (id, which) => versionOf(find(id), which),

    make: (wanted, head, draft) =>
      inTurn(async () => {
        if (templates.size >= templatesMax)
          throw new AppError('not_possible', `There are ${templatesMax} templates; remove some first.`);
        if (wanted !== null && templates.has(wanted))
          throw new AppError('not_possible', `There is a template “${wanted}” already.`);
        const id = wanted ?? freeId(head.name, templates);
        return keep(
          withDraft(
            {
              ...head,
              id,
              revision: 1,
              versions: [],
              draft: null,
              published: null,
              createdAtMs: clock.wallMs(),
            },
            draft,
          ),
        );
      }),

    adopt: (template) =>
      inTurn(async () => {
        const before = templates.get(template.id);
        if (before === undefined && templates.size >= templatesMax)
          throw new AppError('not_possible', `There are ${templatesMax} templates; remove some first.`);
        for (const version of [...template.versions, ...(template.draft === null ? [] : [template.draft])])
          if (charsOfVersion(version) > versionCharsMax)
            throw new AppError(
              'too_large',
              `A version of the template has more than ${versionCharsMax} characters.`,
            );
        const kept = recentVersions(template.versions, template.published ?? 0);
        for (const version of kept)
          await store.saveDocument(versionKind, versionKey(template.id, version.version), version);
        const published = kept.some(({ version }) => version === template.published)
          ? template.published
          : null;
        // Whoever has the one of before open is told that it changed.
        const revision = Math.max(template.revision, (before?.revision ?? 0) + 1);
        const next = await keep({ ...template, versions: kept, published, revision });
        for (const { version } of before?.versions ?? [])
          if (!kept.some((one) => one.version === version))
            await store.deleteDocument(versionKind, versionKey(template.id, version));
        return next;
      }),

    change: (id, revision, next) =>
      inTurn(async () => {
        const template = expected(id, revision);
        const base = template.draft ?? template.versions.at(-1) ?? nothing;
        const { name = template.name, description = template.description } = next;
        const { topic = template.topic, locale = template.locale } = next;
        const { content = base.content, locales = base.locales, variables = base.variables } = next;
        return keep(
          withDraft(
            { ...template, name, description, topic, locale, revision: template.revision + 1 },
            { content, locales, variables },
          ),
        );
      }),

    remove: (id, revision) =>
      inTurn(async () => {
        const { versions } = expected(id, revision);
        await store.deleteDocument(headKind, id);
        templates.delete(id);
        sizes.delete(id);
        for (const { version } of versions) await store.deleteDocument(versionKind, versionKey(id, version));
      }),

    check(id) {
      const template = find(id);
      return checkTemplate(versionOf(template, 'draft'), template.locale, checkPorts);
    },

    async publish(id, revision) {
      const read = expected(id, revision);
      const candidate = versionOf(read, 'draft');
      const { errors } = await checkTemplate(candidate, read.locale, checkPorts);
      const [first] = errors;
      if (first !== undefined)
        throw new AppError(
          'invalid_template',
          `“${read.name}” cannot be published: ${first.field}: ${wordsFor(first)}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`,
          { errors: errors.map((one) => ({ field: one.field, code: one.code, detail: wordsFor(one) })) },
        );
      return inTurn(async () => {
        // What was checked is what is published.
        const template = expected(id, read.revision);
        const published = { ...candidate, publishedAtMs: clock.wallMs() };
        // Before the template tells of it: what a crash leaves is a version that nobody names.
        await store.saveDocument(versionKind, versionKey(id, published.version), published);
        const versions = [
          ...template.versions.filter(({ version }) => version !== published.version),
          published,
        ];
        const kept = recentVersions(versions, published.version);
        const next = await keep({
          ...template,
          versions: kept,
          draft: null,
          published: published.version,
          revision: template.revision + 1,
        });
        for (const { version } of versions.filter((one) => !kept.includes(one)))
          await store.deleteDocument(versionKind, versionKey(id, version));
        return next;
      });
    },

    unpublish: (id, revision) =>
      inTurn(async () => {
        const template = expected(id, revision);
        return template.published === null
          ? template
          : keep({ ...template, published: null, revision: template.revision + 1 });
      }),

    restore: (id, version, revision) =>
      inTurn(async () => {
        const template = expected(id, revision);
        const { content, locales, variables } = versionOf(template, version);
        return keep(
          withDraft({ ...template, revision: template.revision + 1 }, { content, locales, variables }),
        );
      }),

    duplicate(id, as) {
      const template = find(id);
      const { description, topic, locale } = template;
      const { content, locales, variables } = versionOf(template, 'draft');
      const name = as.name ?? `${template.name} (copy)`;
      return room.make(as.id, { name, description, topic, locale }, { content, locales, variables });
    },

    changes(id, { from, to = 'draft' } = {}) {
      const template = find(id);
      const { published, versions } = template;
      const usual = published === null ? (versions.at(-1) ?? nothing) : versionOf(template, null);
      return changesBetween(from === undefined ? usual : versionOf(template, from), versionOf(template, to));
    },

    async renderMore(use) {
      const template = use.id === null ? null : find(use.id);
      const { content, locale, timezone, variables, channels } = use;
      return renderer.render({
        version: template === null ? null : versionOf(template, use.version),
        ownLocale: template?.locale ?? null,
        ...(content === undefined ? {} : { content }),
        locale,
        ...(timezone === undefined ? {} : { timezone }),
        variables,
        channels,
      });
    },

    render: (use) => room.renderMore(use),
    withSamples: (id, which, given) => withSamples(room.version(id, which).variables, given),
    preview: (id, request) => previewTemplate(room, id, request, ports.pushSizes),

    async close() {
      await last;
      await renderer.close();
    },
  };
  return room;
}

async function load({ store, onProblem }: TemplatePorts): Promise<Map<string, Template>> {
  const versions = new Map<string, TemplateVersion>();
  const [heads, kept] = await Promise.all([store.documents(headKind), store.documents(versionKind)]);
  for (const { key, value } of kept) if (isVersion(value)) versions.set(key, value);
  const templates = new Map<string, Template>();
  for (const { key, value } of heads) {
    try {
      const { numbers, ...head } = readHead(value);
      const found = numbers.flatMap((number) => versions.get(versionKey(key, number)) ?? []);
      const published = found.some(({ version }) => version === head.published) ? head.published : null;
      templates.set(key, { ...head, versions: found, published });
    } catch (error) {
      onProblem(`the template ${key} cannot be read any more: ${messageOf(error)}`);
    }
  }
  return templates;
}

function isVersion(value: unknown): value is TemplateVersion {
  if (typeof value !== 'object' || value === null) return false;
  if (!('version' in value && 'content' in value && 'locales' in value && 'variables' in value)) return false;
  const { content, locales, variables } = value;
  return typeof value.version === 'number' && isDraftContent({ content, locales, variables });
}

function versionKey(id: string, version: number): string {
  return `${id}@${version}`;
}

/** The newest ones, as many as there is room for; the published one and the newest always. */
function recentVersions(versions: readonly TemplateVersion[], published: number): readonly TemplateVersion[] {
  let chars = 0;
  const kept = versions.toReversed().filter((version, at) => {
    chars += charsOfVersion(version);
    return at === 0 || version.version === published || (at < versionsKept && chars <= templateCharsMax);
  });
  return kept.toReversed();
}

function charsOf({ versions, draft }: Template): number {
  return [...versions, ...(draft === null ? [] : [draft])].reduce((sum, one) => sum + charsOfVersion(one), 0);
}

/** A version never changes. */
const knownChars = new WeakMap<TemplateVersion, number>();

function charsOfVersion(version: TemplateVersion): number {
  const chars = knownChars.get(version) ?? JSON.stringify(version).length;
  knownChars.set(version, chars);
  return chars;
}

function sameContent(version: TemplateVersion, draft: DraftContent): boolean {
  return changesBetween(version, draft).length === 0;
}

function freeId(name: string, taken: ReadonlyMap<string, unknown>): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, idCharsMax);
  const stem = plain === '' ? 'template' : plain;
  for (let n = 1; ; n++) {
    const id = n === 1 ? stem : `${stem}-${n}`;
    if (!taken.has(id)) return id;
  }
}
const idCharsMax = 60;
