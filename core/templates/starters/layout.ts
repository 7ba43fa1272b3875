/** The looks that the mail of all starters shares: one column, a button, a quiet footer. */

export interface MailLayout {
  /** MJML that stands in the column. */
  readonly blocks: readonly string[];
  /** Why the reader has it. */
  readonly footer: string;
}

export function layout({ blocks, footer }: MailLayout): string {
  return `<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="24px" color="#1f2933" padding="8px 24px" />
      <mj-button background-color="#1c6dd0" color="#ffffff" font-size="16px" border-radius="6px" inner-padding="12px 24px" padding="16px 24px" />
    </mj-attributes>
    <mj-style>
      @media (prefers-color-scheme: dark) {
        .page, .page > div { background-color: #10151b !important; }
        .page div { color: #aab4bf !important; }
        .card, .card > table { background-color: #1b232d !important; }
        .card div { color: #e6ebf1 !important; }
      }
    </mj-style>
  </mj-head>
  <mj-body background-color="#f2f4f7" css-class="page">
    <mj-section padding="24px 0 0">
      <mj-column>
        <mj-text font-size="18px" font-weight="600">{{ app.name }}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff" border-radius="8px" padding="16px 0" css-class="card">
      <mj-column>
${indented(blocks)}
      </mj-column>
    </mj-section>
    <mj-section padding="8px 0 24px">
      <mj-column>
        <mj-text font-size="13px" line-height="20px" color="#66727f">${footer}</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;
}

export const text = (html: string): string => `<mj-text>${html}</mj-text>`;
export const heading = (html: string): string =>
  `<mj-text font-size="24px" line-height="32px" font-weight="600">${html}</mj-text>`;
export const button = (label: string, url: string): string => `<mj-button href="${url}">${label}</mj-button>`;
export const raw = (liquid: string): string => `<mj-raw>${liquid}</mj-raw>`;

function indented(blocks: readonly string[]): string {
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => `        ${line}`)
    .join('\n');
}
