/** Windows too narrow for two columns or a table of six, paper, and people's own colours. */
export const NARROW_STYLE = `
@media (max-width: 70rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .picture.wide { display: none; }
  .picture.narrow { display: block; }
}
@media screen and (max-width: 48rem) {
  header.top, main, body > footer { padding-left: .75rem; padding-right: .75rem; }
  main > section, .columns > section { padding: 1rem; border-radius: 10px; }
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
  .containers td:first-child { flex-basis: 100%; }
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
  nav, .skip, .refresh, summary { display: none; }
  .scroll, #containers-table, #events-list { max-height: none; overflow: visible; }
  .columns { display: block; }
  .finding, .containers tr, .pending-list > li, .events > li { break-inside: avoid; }
  .verdict, .drill, .picture, .chart { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { break-after: avoid; }
}
@media (forced-colors: active) {
  .icon { fill: currentColor; }
  .on { stroke: Canvas; }
  .line, .end, .plot .tracked, .plot .axis { stroke: CanvasText; }
  .picture text { fill: CanvasText; }
}
`;
