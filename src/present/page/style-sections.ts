/** The head, the verdict, findings, lists and the footer. */
export const SECTION_STYLE = `
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
.drill-notice { padding: .5rem .75rem; border-radius: 8px; border: 2px solid var(--drill); background: repeating-linear-gradient(135deg, var(--drill-stripe) 0 12px, var(--drill-ground) 12px 24px); }
.taken { margin-top: .625rem; color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }
.counts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin-top: 1rem; padding-top: .875rem; border-top: 1px solid var(--line); }
.counts > div { display: flex; flex-direction: column-reverse; }
.counts dt { color: var(--quiet); font-size: .8125rem; }
.counts dd { font-size: 1.5rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.counts .bad dd { color: var(--critical); }
main > #untracked { background: none; border: 0; padding: .25rem 0 0; }
#untracked > h2 { padding-left: 1.5rem; margin-bottom: .5rem; }
.finding { background: var(--card); border: 1px solid var(--line); border-left: 8px solid var(--sign); border-radius: 12px; padding: 1rem 1.5rem 1rem 1.25rem; margin-top: .75rem; }
.finding.drill { border: 2px dashed var(--drill); background: repeating-linear-gradient(135deg, var(--drill-stripe) 0 12px, var(--drill-ground) 12px 24px); }
.finding.drill .halves { background: var(--card); border-radius: 6px; padding: .625rem .75rem; }
h2 + .finding { margin-top: 0; }
.finding > header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .875rem; }
.finding .sign { text-transform: capitalize; }
.halves { display: grid; grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); gap: .75rem 2rem; margin-top: .5rem; }
.advice { margin-top: .5rem; padding-left: .75rem; border-left: 3px solid var(--line); }
.advice strong { display: block; font-size: .8125rem; color: var(--quiet); }
.facts { font-size: .875rem; }
.facts > div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0 .75rem; padding: .0625rem 0; }
.facts dt { color: var(--quiet); }
.facts dd { overflow-wrap: anywhere; }
.finding .scroll { margin-top: .75rem; }
.processes .number { text-align: left; }
.processes thead th:nth-child(-n+2) { width: 5rem; }
.processes thead th:nth-child(3) { width: 7rem; }
.processes thead th:nth-child(4) { width: 14rem; }
.processes tr:last-child > * { border-bottom: 0; }
.pending-list > li, .events > li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 .625rem; }
.pending-list > li + li, .events > li + li { margin-top: .625rem; padding-top: .625rem; border-top: 1px solid var(--line); }
.pending-list .icon, .events .icon { margin-top: .25rem; }
.pending-list p, .events p { overflow-wrap: anywhere; }
.events { font-size: .875rem; }
#containers-table, #events-list { max-height: min(75vh, 44rem); }
#containers-table:focus-visible, #events-list:focus-visible { outline-offset: 4px; }
.when { color: var(--quiet); }
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
