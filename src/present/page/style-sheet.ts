/** Every colour, light and dark. Text reaches a contrast of 4.5 to 1 on each of its backgrounds. */
const COLORS = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --sunk: #eef0f4; --line: #d9dee5; --ink: #18202b; --quiet: #526072;
  --link: #1a5fb4; --good: #13693c; --critical: #b3201b; --warning: #8a4b00; --unknown: #465567;
  --drill: #7324a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #191f27; --sunk: #212932; --line: #2e3844; --ink: #e7ebf0; --quiet: #a3afbd;
    --link: #8ab8ff; --good: #6ed39b; --critical: #ff928a; --warning: #f1bb5a; --unknown: #b6c2d0;
    --drill: #d7a6f7;
  }
}
.good { --sign: var(--good); }
.critical { --sign: var(--critical); }
.warning { --sign: var(--warning); }
.pending, .unknown { --sign: var(--unknown); }
.drill { --sign: var(--drill); }
`;

/** Each kind of block. */
const BLOCKS = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 84rem; padding: 0 1.5rem 2.5rem; background: var(--page); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1, h2, h3, p, dl, dd, ul, ol, pre { margin: 0; padding: 0; overflow-wrap: anywhere; }
h1 { font-size: 2rem; line-height: 1.2; margin-bottom: .25rem; color: var(--sign); }
h2 { font-size: 1.125rem; line-height: 1.3; margin-bottom: .5rem; }
h3 { display: flex; flex-wrap: wrap; gap: .125rem 1rem; font-size: 1rem; font-weight: 400; }
h3 > :first-child { font-weight: 600; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; overflow-wrap: anywhere; }
pre { margin: .25rem 0; padding: .375rem .75rem; background: var(--sunk); border-radius: 6px; white-space: pre-wrap; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
section { margin-top: 1rem; padding: 1rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; min-width: 0; }
#verdict { border-left: 8px solid var(--sign); }
#verdict > p:first-of-type { font-size: 1.125rem; }
article { margin-top: .75rem; padding: .125rem 0 .125rem 1rem; border-left: 4px solid var(--sign, var(--line)); }
article > * + *, section > p + *, section > .scroll + * { margin-top: .375rem; }
span.good, span.critical, span.warning, span.pending, span.unknown, span.drill, p.critical, p.warning { color: var(--sign); }
#verdict p { color: inherit; }
.strong { font-weight: 600; }
.quiet { color: var(--quiet); }
.unbroken, time { white-space: nowrap; }
time, .unbroken, .number { font-variant-numeric: tabular-nums; }
.steps { padding-left: 1.5rem; }
.steps > li + li { margin-top: .5rem; }
dl { font-size: .875rem; columns: 2 28rem; column-gap: 2rem; }
dl > div { display: grid; grid-template-columns: 10rem minmax(0, 1fr); gap: 0 .75rem; break-inside: avoid; }
dt { color: var(--quiet); }
.scroll { overflow: auto; max-height: min(75vh, 44rem); }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: baseline; padding: .3125rem .75rem .3125rem 0; border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; min-width: 3rem; }
thead th { position: sticky; top: 0; background: var(--card); color: var(--quiet); font-size: .8125rem; white-space: nowrap; box-shadow: inset 0 -1px var(--line); }
tr:has(+ .below) > * { border-bottom: 0; padding-bottom: 0; }
.below > td { padding-left: 1rem; padding-top: 0; }
.number { text-align: right; padding-right: 1.25rem; }
`;

/** What surrounds the blocks. */
const FRAME = `
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; padding-top: .75rem; }
nav { flex: 1; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; }
.count { font-variant-numeric: tabular-nums; }
#refresh.critical { color: var(--critical); font-weight: 600; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 2; padding: .5rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.skip:focus { top: .5rem; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
`;

/** Windows too narrow for a table, where each row is a card; print. */
const MEDIA = `
@media screen and (max-width: 48rem) {
  body { padding: 0 .75rem 2rem; }
  section { padding: .75rem .875rem; border-radius: 10px; }
  #verdict { border-left-width: 6px; }
  h1 { font-size: 1.75rem; }
  nav { order: 1; flex-basis: 100%; }
  table, tbody { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: flex; flex-wrap: wrap; gap: 0 .875rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  tr:has(+ .below) { border-bottom: 0; padding-bottom: 0; }
  tr > * { border: 0; padding: 0; min-width: 0; text-align: left; }
  tr > [data-title]::before { content: attr(data-title) " "; color: var(--quiet); }
  dl > div { grid-template-columns: 7rem minmax(0, 1fr); }
  .unbroken { white-space: normal; }
  /* A box that scrolls inside of a page that scrolls hides its end. */
  .scroll { max-height: none; }
  /* The path of rollcall has 36 characters, which then fit a phone. */
  pre { padding-inline: .5rem; font-size: .925em; }
}
@media print {
  :root { --page: #fff; --card: #fff; }
  body { font-size: 10pt; }
  nav, .skip, #refresh { display: none; }
  .scroll { max-height: none; overflow: visible; }
  article, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;

/** The page's only style sheet. No font, image or sheet is loaded from anywhere. */
export const STYLE_SHEET = [COLORS, BLOCKS, FRAME, MEDIA].join('\n');
