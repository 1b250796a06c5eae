/** The inline style sheet and the inline script as a policy names them: `sha256-` and base64. */
export interface PageHashes {
  readonly style: string;
  readonly script: string;
}

/** `file`: in a `<meta>` of the page, where browsers refuse to hear of frame-ancestors; and a file refreshes nothing. */
export type Delivery = 'header' | 'file';

/** What the page may do: be styled by its one style sheet and, served, ask for itself again by its one script. Nothing else. */
export function contentSecurityPolicy({ style, script }: PageHashes, delivery: Delivery): string {
  const directives = [
    "default-src 'none'",
    `style-src '${style}'`,
    // The icon of the tab.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...(delivery === 'file'
      ? []
      : [`script-src '${script}'`, "connect-src 'self'", "frame-ancestors 'none'"]),
  ];
  return directives.join('; ');
}
