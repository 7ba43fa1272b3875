/** What templates may take, each with its unit. */

export const templatesMax = 500;
/** The published one and the newest are kept always. */
export const versionsKept = 100;
/** Of one version as JSON: what MJML makes of more would not be read in any mail client. */
export const versionCharsMax = 2_000_000;
/** Of all versions of one template; the oldest go first. */
export const templateCharsMax = 16_000_000;
/** Of all templates; none is dropped, a change is refused. */
export const roomCharsMax = 128_000_000;
export const bodyCharsMax = 1_000_000;
export const textCharsMax = 100_000;
export const localesMax = 40;
export const variablesMax = 200;
export const dataDepthMax = 10;
/** Changes that wait to be written. */
export const changesWaitingMax = 500;

/** What MJML or a template may grow to; Gmail shows the first 102 KB. */
export const htmlCharsMax = 4_000_000;
/** Of what a text other than HTML becomes. */
export const renderedCharsMax = 1_000_000;
/** Compiled bodies that are remembered, and their size together. */
export const compiledKept = 200;
export const compiledCharsMax = 32_000_000;

/** Liquid gives up by itself after that; the thread is ended after the other, for a filter may be slow where Liquid does not look. */
export const renderMsMax = 2_000;
export const renderSilenceMsMax = 10_000;
/** Objects and characters that a render may make, as Liquid counts them. */
export const renderMemoryMax = 20_000_000;
export const compileSilenceMsMax = 30_000;
export const threadIdleMs = 60_000;
export const threadHeapMegabytesMax = 512;
/** Loading a library on a busy machine takes so long at most; then something is wrong with it. */
export const threadLoadMsMax = 60_000;
export const requestsWaitingMax = 20_000;
