/** What someone without a mouse or without sight needs of the screen, as the browser itself accounts for it. */
import type { Page } from 'playwright-core';

const controls = new Set([
  ...['button', 'link', 'textbox', 'searchbox', 'combobox', 'checkbox', 'radio', 'switch', 'spinbutton'],
  ...['slider', 'tab', 'menuitem', 'option', 'listbox', 'radiogroup', 'tablist', 'dialog', 'img', 'Iframe'],
]);

/** @returns the controls that a screen reader has no name for, as `role` and where they stand */
export async function namelessControls(page: Page): Promise<readonly string[]> {
  const inspector = await page.context().newCDPSession(page);
  try {
    const { nodes } = await inspector.send('Accessibility.getFullAXTree');
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    const nameless = nodes.filter(
      (node) =>
        !node.ignored &&
        controls.has(String(node.role?.value)) &&
        String(node.name?.value ?? '').trim() === '',
    );
    return nameless.map((node) => {
      const above = byId.get(node.parentId ?? '');
      return `${node.role?.value} in ${above?.role?.value} "${above?.name?.value ?? ''}"`;
    });
  } finally {
    await inspector.detach();
  }
}

/** @returns what the Tab key reaches, in so many steps, that does not look any different for it */
export async function unseenFocus(page: Page, steps: number): Promise<readonly string[]> {
  const unseen = new Set<string>();
  for (let step = 0; step < steps; step++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(async () => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return null;
      if (element instanceof HTMLIFrameElement) return null;
      const look = () => {
        const near = [element, element.parentElement, element.parentElement?.parentElement];
        return near
          .map((one) => {
            if (!one) return '';
            const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(one);
            return [outline, boxShadow, borderColor, backgroundColor].join('|');
          })
          .join('\n');
      };
      const settled = async () => {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        // A change of colour takes its time; what turns for ever is not waited for.
        const ending = document
          .getAnimations()
          .filter((one) => Number.isFinite(Number(one.effect?.getComputedTiming().endTime)));
        await Promise.allSettled(ending.map((one) => one.finished));
      };
      await settled();
      const focused = look();
      element.blur();
      await settled();
      const same = look() === focused;
      element.focus();
      return same
        ? `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.innerText}`
        : null;
    });
    if (found !== null) unseen.add(found);
  }
  return [...unseen];
}
