/** The optional default style. A sheet made by script needs no exception in a page's Content-Security-Policy. */
const style =
  '.sp-inapp{position:relative;padding:16px;border:1px solid #8886;border-radius:8px;color:CanvasText;background:Canvas;font:14px/1.5 system-ui}' +
  '.sp-inapp h2{margin:0 60px 4px 0;font-size:16px}' +
  '.sp-inapp-image{max-width:100%}' +
  '.sp-inapp-close{position:absolute;top:8px;right:8px}' +
  '.sp-inapp-modal{max-width:400px}' +
  '.sp-inapp-fullScreen{min-width:100%;min-height:100%}' +
  '.sp-inapp-banner{position:fixed;inset:8px 8px auto;z-index:9999}' +
  '.sp-inapp-unread{font-weight:600}';

export function addStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
