/** Every colour, light and dark. Text reaches a contrast of 4.5 to 1 on each of its backgrounds. */
const COLORS = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --sunk: #eef0f4; --line: #d9dee5; --line-strong: #8592a3;
  --ink: #18202b; --quiet: #526072; --link: #1a5fb4; --focus: #1a5fb4;
  --ok: #13693c; --ok-ground: #e8f4ec;
  --critical: #b3201b; --critical-ground: #fcecea;
  --warning: #8a4b00; --warning-ground: #fdf1dd;
  --unknown: #465567; --unknown-ground: #e9edf2;
  --drill: #7324a6; --drill-ground: #f5eafb;
  --on-sign: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #191f27; --sunk: #212932; --line: #2e3844; --line-strong: #758294;
    --ink: #e7ebf0; --quiet: #a3afbd; --link: #8ab8ff; --focus: #8ab8ff;
    --ok: #6ed39b; --ok-ground: #14281e;
    --critical: #ff928a; --critical-ground: #331a1a;
    --warning: #f1bb5a; --warning-ground: #2f2413;
    --unknown: #b6c2d0; --unknown-ground: #232c37;
    --drill: #d7a6f7; --drill-ground: #2a1a36;
    --on-sign: #11151b;
  }
}
.ok { --sign: var(--ok); --ground: var(--ok-ground); }
.critical { --sign: var(--critical); --ground: var(--critical-ground); }
.warning { --sign: var(--warning); --ground: var(--warning-ground); }
.pending, .unknown, .info { --sign: var(--unknown); --ground: var(--unknown-ground); }
.drill { --sign: var(--drill); --ground: var(--drill-ground); }
`;

/** Text, tables, focus, and the parts of every section. */
const BASE = `
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
main > section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem; margin-top: 1rem; min-width: 0; }
.scroll { overflow: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: baseline; padding: .3125rem .75rem .3125rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
tbody th[scope=row] { overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-size: .8125rem; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.25rem; }
time, .ago { font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { cursor: pointer; color: var(--link); width: fit-content; padding: .25rem 0; }
details { margin-top: .75rem; }
details.line { margin-top: 0; }
details.line > summary { width: auto; color: inherit; }
details.line > summary h2 { display: inline; margin: 0 .5rem 0 .25rem; }
.problems { margin-top: .5rem; }
.problems li { overflow-wrap: anywhere; }
button { font: inherit; font-size: .8125rem; color: var(--ink); background: var(--card); border: 1px solid var(--line-strong); border-radius: 6px; padding: .125rem .625rem; cursor: pointer; }
button:hover { background: var(--sunk); }
`;

/** The header, the verdict, findings, lists and the footer. */
const SECTIONS = `
header.top { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; padding-top: .875rem; font-size: .875rem; }
.brand { font-weight: 700; letter-spacing: -.01em; font-size: 1rem; }
.cell { color: var(--quiet); overflow-wrap: anywhere; min-width: 0; }
nav { margin-right: auto; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; }
nav a { display: inline-block; padding: .125rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
.count { color: var(--quiet); font-variant-numeric: tabular-nums; }
.refresh { color: var(--quiet); }
.refresh.lost { color: var(--critical); font-weight: 600; }
main > .verdict { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 1.25rem; margin-top: .75rem; background: var(--ground); border-color: var(--sign); border-left-width: 8px; }
.verdict > .icon { width: 3.5rem; height: 3.5rem; margin-top: .25rem; }
h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -.02em; color: var(--sign); }
.verdict .sentence { font-size: 1.125rem; margin-top: .25rem; overflow-wrap: anywhere; max-width: 72rem; }
.notice, .drill-notice { margin-top: .625rem; max-width: 60rem; }
.drill-notice { padding: .5rem .75rem; border-radius: 8px; border: 2px solid var(--drill); background: var(--drill-ground); }
.taken { margin-top: .625rem; color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }
.counts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin-top: 1rem; padding-top: .875rem; border-top: 1px solid var(--line); }
.counts > div { display: flex; flex-direction: column-reverse; }
.counts dt { color: var(--quiet); font-size: .8125rem; }
.counts dd { font-size: 1.5rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.counts .bad dd { color: var(--critical); }
.counts .warned dd { color: var(--warning); }
main > #untracked { background: none; border: 0; padding: .25rem 0 0; }
#untracked > h2 { padding-left: 1.5rem; margin-bottom: .5rem; }
.finding { background: var(--card); border: 1px solid var(--line); border-left: 8px solid var(--sign); border-radius: 12px; padding: 1rem 1.5rem 1rem 1.25rem; margin-top: .75rem; }
main > #drill { border: 2px dashed var(--drill); background: var(--drill-ground); }
main > #warnings { border-left: 8px solid var(--warning); }
h2 + .finding { margin-top: 0; }
.finding > header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .875rem; }
.finding .sign { text-transform: capitalize; }
.halves { display: grid; grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); gap: .75rem 2rem; margin-top: .5rem; }
.advice { margin-top: .5rem; padding-left: .75rem; border-left: 3px solid var(--line); }
.advice ol { margin: .25rem 0 0; padding-left: 1.25rem; }
.advice code { display: block; overflow-wrap: anywhere; }
.advice + .quiet { margin-top: .5rem; }
.advice strong { display: block; font-size: .8125rem; color: var(--quiet); }
.facts { font-size: .875rem; }
.facts > div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0 .75rem; padding: .0625rem 0; }
.facts dt { color: var(--quiet); }
.facts dd { overflow-wrap: anywhere; }
.finding .scroll { margin-top: .75rem; }
.processes .number { text-align: left; }
.processes thead th:nth-child(-n+2) { width: 5rem; }
.processes thead th:nth-child(3) { width: 7rem; }
.processes thead th:nth-child(4) { width: 17rem; }
.processes tr:last-child > * { border-bottom: 0; }
.pending-list > li, .events > li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 .625rem; }
.pending-list > li + li, .warning-list > li + li, .events > li + li { margin-top: .625rem; padding-top: .625rem; border-top: 1px solid var(--line); }
.pending-list .icon, .events .icon { margin-top: .25rem; }
.pending-list p, .events p { overflow-wrap: anywhere; }
.events { font-size: .875rem; }
#containers-table, #events-list { max-height: min(75vh, 44rem); }
#containers-table:focus-visible, #events-list:focus-visible { outline-offset: 4px; }
.when { color: var(--quiet); }
.filter { display: flex; flex-wrap: wrap; align-items: center; gap: .375rem .625rem; margin-bottom: .75rem; font-size: .875rem; }
.filter label { display: flex; align-items: center; gap: .5rem; min-width: 0; }
.filter input { flex: 0 1 20rem; min-width: 0; }
.filter input, .filter select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line-strong); border-radius: 6px; padding: .1875rem .5rem; }
.filter #filter-count { color: var(--quiet); font-variant-numeric: tabular-nums; }
[hidden] { display: none !important; }
.containers thead th { position: sticky; top: 0; background: var(--card); box-shadow: inset 0 -1px var(--line); }
.containers tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 8rem; }
.containers tbody td { overflow-wrap: anywhere; }
.containers td:first-child, .containers td:nth-child(4), .containers td:last-child { white-space: nowrap; }
.containers .sign.ok { font-weight: 400; }
.mounts td { min-width: 6rem; }
.mounts td:nth-child(3) { min-width: 14rem; }
.mounts td:nth-child(4) { min-width: 20rem; }
.mounts th .quiet { display: block; font-size: .8125rem; }
.mounts tr:not(.chosen):not(.none) td { color: var(--quiet); }
body > footer { padding-top: 1.25rem; padding-bottom: 2.5rem; color: var(--quiet); }
body > footer .facts { columns: 3 22rem; column-gap: 2rem; font-size: .8125rem; }
body > footer .facts > div { grid-template-columns: 10rem minmax(0, 1fr); break-inside: avoid; }
`;

/** Windows too narrow for a table of six columns, print, and people's own colours. */
const MEDIA = `
@media screen and (max-width: 48rem) {
  header.top, main, body > footer { padding-left: .75rem; padding-right: .75rem; }
  main > section { padding: 1rem; border-radius: 10px; }
  main > .verdict { gap: 0 .75rem; border-left-width: 6px; }
  .verdict > .icon { width: 2.25rem; height: 2.25rem; margin-top: .125rem; }
  h1 { font-size: 1.75rem; }
  .verdict .sentence { font-size: 1rem; }
  .counts { display: grid; grid-template-columns: repeat(3, 1fr); gap: .625rem; }
  .counts dd { font-size: 1.25rem; }
  .finding { padding: .75rem .875rem; border-left-width: 6px; border-radius: 10px; }
  #untracked > h2 { padding-left: .875rem; }
  .halves { grid-template-columns: minmax(0, 1fr); }
  nav { order: 1; width: 100%; }
  #containers-table, #events-list { max-height: 75vh; }
  .cards, .cards caption, .cards tbody { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tbody tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .cards tbody tr > * { border: 0; padding: 0; width: auto; min-width: 0; text-align: left; }
  .containers tbody tr > * { white-space: normal; }
  .containers tbody th { order: -1; flex-basis: 100%; }
  .containers .number::after { content: " processes"; color: var(--quiet); }
  .containers td:last-child { flex-basis: 100%; color: var(--quiet); }
  .containers .wide, .containers tr:has(.unnamed) td:last-child { display: none; }
  .containers .unnamed { position: static; width: auto; height: auto; overflow: visible; clip-path: none; white-space: normal; }
  .containers td:first-child { flex-basis: 100%; }
  .sensors tbody tr > * { flex-basis: 100%; }
  .sensors tbody th { font-weight: 600; }
  .sensors tbody td::before { color: var(--quiet); }
  .sensors td:nth-child(2)::before { content: "prediction "; }
  .sensors td:nth-child(3)::before { content: "observation "; }
  .sensors td:nth-child(4)::before { content: "runs since "; }
  .sensors td:nth-child(5)::before { content: "older containers "; }
  .processes tbody tr > *::before { color: var(--quiet); }
  .processes tbody th::before { content: "pid "; }
  .processes td:nth-child(2)::before { content: "parent "; }
  .processes td:nth-child(3)::before { content: "user "; }
  .processes td:nth-child(4)::before { content: "started "; }
  .processes tbody tr > :nth-child(n+4) { flex-basis: 100%; }
}
@media print {
  :root { --page: #fff; --card: #fff; }
  body { font-size: 10pt; }
  nav, .skip, .refresh, .filter, summary { display: none; }
  .scroll, #containers-table, #events-list { max-height: none; overflow: visible; }
  .finding, .containers tr, .pending-list > li, .events > li { break-inside: avoid; }
  .verdict, #drill { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { break-after: avoid; }
}
@media (forced-colors: active) {
  .icon { fill: currentColor; }
  .on { stroke: Canvas; }
}
`;

/** The page's only style sheet. No font, image or sheet is loaded from anywhere. */
export const STYLE_SHEET = [COLORS, BASE, SECTIONS, MEDIA].join('\n');
