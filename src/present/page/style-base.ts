/** Text, tables, focus and what every section is made of. */
export const BASE_STYLE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: break-word;
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header.top, main, body > footer { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
h1, h2, h3, p, dl, dd, ul, ol, figure { margin: 0; padding: 0; }
h2 { font-size: 1.125rem; line-height: 1.3; margin-bottom: .75rem; }
h3 { font-size: 1.0625rem; line-height: 1.3; overflow-wrap: anywhere; }
ul, ol { list-style: none; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 2; padding: .5rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.skip:focus { top: .5rem; }
.sprite, .heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.quiet, .lead, .more { color: var(--quiet); }
h2 .quiet { font-weight: 400; font-size: .875rem; }
p, dd, li { overflow-wrap: anywhere; }
.more { margin-top: .5rem; font-size: .875rem; }
.icon { width: 1em; height: 1em; vertical-align: -.125em; fill: var(--sign); color: var(--on-sign); }
.on { fill: none; stroke: currentColor; stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
.sign { color: var(--sign); font-weight: 600; white-space: nowrap; }
.sign .icon { margin-right: .375em; }
.reason, .tag { display: inline-block; padding: 0 .45em; border: 1px solid var(--line); border-radius: 4px; background: var(--sunk); font-size: .8125rem; line-height: 1.45; color: var(--ink); white-space: nowrap; }
.tag { color: var(--quiet); font-weight: 400; }
.drill-word { display: inline-block; padding: 0 .5em; border-radius: 4px; background: var(--drill); color: var(--on-sign); letter-spacing: .08em; }
main > section, .columns > section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem; margin-top: 1rem; min-width: 0; }
.columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 0 1rem; align-items: start; }
.scroll { overflow: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: baseline; padding: .3125rem .75rem .3125rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-size: .8125rem; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.25rem; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { cursor: pointer; color: var(--link); width: fit-content; padding: .25rem 0; }
details { margin-top: .75rem; }
button { font: inherit; font-size: .8125rem; color: var(--ink); background: var(--card); border: 1px solid var(--line-strong); border-radius: 6px; padding: .125rem .625rem; cursor: pointer; }
button:hover { background: var(--sunk); }
`;
