/** The optional default style. A sheet made by script needs no exception in a page's Content-Security-Policy. */
const style =
  '.sp-inapp{position:relative;padding:16px;border:1px solid;color:CanvasText;background:Canvas;font:14px system-ui}' +
  '.sp-inapp h2{margin:0 60px 4px 0;font-size:16px}' +
  '.sp-inapp-image{max-width:100%}' +
  '.sp-inapp-close{position:absolute;inset:8px 8px auto auto}' +
  '.sp-inapp-modal{max-width:400px}' +
  '.sp-inapp-fullScreen{min-width:100%;height:100%}' +
  '.sp-inapp-banner{position:fixed;inset:8px 8px auto;z-index:9}';

export function addStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
